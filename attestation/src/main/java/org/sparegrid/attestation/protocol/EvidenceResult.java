// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.protocol;

import java.util.List;
import org.sparegrid.attestation.eventlog.SecureBoot;
import org.sparegrid.attestation.tpm.Attestation;
import org.sparegrid.attestation.tpm.PublicArea;
import org.sparegrid.attestation.wire.Octets;

/// What came of checking evidence.
public sealed interface EvidenceResult {
    /// All that the evidence says is true, provided that the lease's key is in the TPM of the
    /// endorsement key; the buyer's own challenge shows that.
    ///
    /// @param attestation what the TPM said
    /// @param endorsementKey to encrypt the challenge to
    /// @param leaseKey to encrypt the challenge for
    /// @param secureBoot whether firmware checked what it started
    /// @param programs digests of what firmware started, in order; empty if the boot was not asked
    record Verified(
            Attestation attestation,
            PublicArea endorsementKey,
            PublicArea leaseKey,
            SecureBoot secureBoot,
            List<Octets> programs)
            implements EvidenceResult {
        /// Copies the list.
        public Verified {
            programs = List.copyOf(programs);
        }
    }

    /// The evidence proves nothing.
    ///
    /// @param finding a sentence without a full stop
    record Refused(EvidenceFault fault, String finding) implements EvidenceResult {}
}
