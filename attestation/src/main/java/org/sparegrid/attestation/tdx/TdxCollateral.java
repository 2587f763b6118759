// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tdx;

import java.security.cert.X509Certificate;
import java.util.List;
import org.sparegrid.attestation.wire.Octets;

/// What Intel publishes about platforms of a kind, as its service answers, byte for byte.
///
/// Source: Intel PCS API v4, /tdx/certification/v4/tcb and /tdx/certification/v4/qe/identity.
///
/// @param tcbInfo the answer about levels of firmware
/// @param quotingEnclaveIdentity the answer about the quoting enclave
/// @param signerChain certificates of the signer of both, with or without the root
public record TdxCollateral(
        Octets tcbInfo, Octets quotingEnclaveIdentity, List<X509Certificate> signerChain) {
    /// Longest answer read; a TCB info has about 30 KiB.
    public static final int ANSWER_BYTES_MAX = 1024 * 1024;

    public TdxCollateral {
        signerChain = List.copyOf(signerChain);
    }
}
