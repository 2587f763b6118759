// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.GeneralSecurityException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sparegrid.attestation.certificate.ChainResult;
import org.sparegrid.attestation.certificate.TpmIdentity;
import org.sparegrid.attestation.certificate.TrustAnchors;
import org.sparegrid.attestation.eventlog.BootLog;
import org.sparegrid.attestation.eventlog.StartedPrograms;
import org.sparegrid.attestation.policy.Fact;
import org.sparegrid.attestation.quote.ClockRule;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.wire.EvidenceFormatException;

class EvidenceFactsTest {
    @Test
    void verifiedEvidenceGivesAPolicyItsFacts()
            throws GeneralSecurityException, EvidenceFormatException {
        Evidence evidence = Actors.evidence();
        EvidenceResult.Verified verified =
                (EvidenceResult.Verified)
                        EvidenceVerifier.verify(evidence, Actors.expected(new ClockRule.First()));
        TpmIdentity identity =
                new TpmIdentity(
                        "IBM",
                        "model",
                        "1",
                        Actors.ENDORSEMENT.material().toPublicKey(),
                        "digest",
                        TrustAnchors.Origin.DEVELOPMENT,
                        ChainResult.Revocation.values()[0],
                        List.of());
        assertThat(EvidenceFacts.of(evidence, verified, identity, Fact.KeyProof.VERIFIER))
                .containsExactly(
                        new Fact.Tpm(
                                "IBM",
                                "digest",
                                false,
                                ChainResult.Revocation.values()[0],
                                Fact.KeyProof.VERIFIER),
                        new Fact.Boot(
                                evidence.registers().values(),
                                Fact.SecureBoot.OFF,
                                StartedPrograms.of(
                                        BootLog.parse(Actors.BOOT_LOG.toBytes()),
                                        HashAlgorithm.SHA256)),
                        new Fact.Machine(Actors.TERMS.imageDigest(), 1));
    }
}
