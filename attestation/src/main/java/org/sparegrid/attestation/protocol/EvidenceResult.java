// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.protocol;

import org.sparegrid.attestation.eventlog.SecureBoot;
import org.sparegrid.attestation.tpm.Attestation;
import org.sparegrid.attestation.tpm.PublicArea;

/// What came of checking evidence.
public sealed interface EvidenceResult {
    /// All that the evidence says is true, provided that the lease's key is in the TPM of the
    /// endorsement key; the buyer's own challenge shows that.
    ///
    /// @param attestation what the TPM said
    /// @param endorsementKey to encrypt the challenge to
    /// @param leaseKey to encrypt the challenge for
    /// @param secureBoot whether firmware checked what it started
    record Verified(
            Attestation attestation,
            PublicArea endorsementKey,
            PublicArea leaseKey,
            SecureBoot secureBoot)
            implements EvidenceResult {}

    /// The evidence proves nothing.
    ///
    /// @param finding a sentence without a full stop
    record Refused(EvidenceFault fault, String finding) implements EvidenceResult {}
}
