// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.protocol;

import java.util.List;
import org.sparegrid.attestation.certificate.TpmIdentity;
import org.sparegrid.attestation.certificate.TrustAnchors;
import org.sparegrid.attestation.policy.Fact;
import org.sparegrid.attestation.wire.EvidenceFormatException;

/// What verified evidence of a lease establishes, for a policy to weigh.
public final class EvidenceFacts {
    private EvidenceFacts() {}

    /// The facts about the TPM, the boot and the machine.
    ///
    /// @param evidence what [EvidenceVerifier] has verified
    /// @param verified what it said
    /// @param identity the endorsement certificate that was believed
    /// @param keyProof who made sure that the lease's key is in that TPM; the verifier himself once
    ///   [LeaseTrust] admits
    public static List<Fact> of(
            Evidence evidence,
            EvidenceResult.Verified verified,
            TpmIdentity identity,
            Fact.KeyProof keyProof) {
        return List.of(
                new Fact.Tpm(
                        identity.manufacturer(),
                        identity.keyDigest(),
                        identity.origin() == TrustAnchors.Origin.VENDOR,
                        identity.revocation(),
                        keyProof),
                new Fact.Boot(
                        evidence.registers().values(), secureBoot(verified), verified.programs()),
                new Fact.Machine(evidence.terms().imageDigest(), running(evidence)));
    }

    private static Fact.SecureBoot secureBoot(EvidenceResult.Verified verified) {
        return switch (verified.secureBoot()) {
            case ENABLED -> Fact.SecureBoot.ON;
            case DISABLED -> Fact.SecureBoot.OFF;
            case UNKNOWN -> Fact.SecureBoot.UNKNOWN;
        };
    }

    private static int running(Evidence evidence) {
        try {
            return Math.toIntExact(LeaseLog.parse(evidence.leaseLog().toBytes()).running());
        } catch (EvidenceFormatException unverified) {
            throw new IllegalArgumentException("evidence: expected verified evidence", unverified);
        }
    }
}
