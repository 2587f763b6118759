// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.certificate;

/// What came of validating a TPM's endorsement certificate.
public sealed interface EndorsementResult {
    /// The certificate is believed.
    record Trusted(TpmIdentity identity) implements EndorsementResult {}

    /// The certificate is not believed.
    ///
    /// @param reason a sentence without a full stop
    record Refused(ChainFault fault, String reason) implements EndorsementResult {}
}
