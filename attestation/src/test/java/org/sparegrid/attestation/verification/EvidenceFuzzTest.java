// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.verification;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.Instant;
import java.util.List;
import org.sparegrid.attestation.policy.Presets;
import org.sparegrid.attestation.report.Level;
import org.sparegrid.attestation.report.VerificationReport.Verdict;
import org.sparegrid.attestation.wire.EvidenceFormatException;

class EvidenceFuzzTest {
    @FuzzTest
    void trustsNoFileItWasGiven(byte[] bytes) throws EvidenceFormatException {
        StoredEvidence evidence;
        try {
            evidence = StoredEvidence.read(bytes);
        } catch (EvidenceFormatException expected) {
            assertThat(expected.getMessage()).isNotEmpty();
            return;
        }
        assertThat(StoredEvidence.read(evidence.write().getBytes(UTF_8))).isEqualTo(evidence);
        assertThat(
                        Verifier.verify(
                                        evidence,
                                        Presets.of(Level.CONFIDENTIAL),
                                        new Verifier.Expectation.Unknown(),
                                        List.of(),
                                        Instant.parse("2026-06-01T00:00:00Z"))
                                .verdict())
                .isNotEqualTo(Verdict.TRUSTED);
    }
}
