// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm;

import org.sparegrid.attestation.wire.Octets;

/// A quote and its signature as a TPM gave them, neither read nor checked.
///
/// @param attestation bytes of the [Attestation]
/// @param signature bytes of the [TpmSignature]
public record SignedQuote(Octets attestation, Octets signature) {}
