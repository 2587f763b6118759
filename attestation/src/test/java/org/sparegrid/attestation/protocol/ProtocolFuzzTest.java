// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.sparegrid.attestation.quote.ClockRule;
import org.sparegrid.attestation.wire.EvidenceFormatException;

class ProtocolFuzzTest {
    @FuzzTest
    void evidenceIsReadOrRefusedAndNeverForged(byte[] bytes) {
        try {
            Evidence evidence = Evidence.parse(bytes);
            assertThat(evidence.toBytes()).isEqualTo(bytes);
            assertThat(EvidenceVerifier.verify(evidence, Actors.expected(new ClockRule.First())))
                    .isInstanceOf(EvidenceResult.Refused.class);
        } catch (EvidenceFormatException expected) {
            assertThat(expected.getMessage()).contains(": expected ");
        }
    }

    @FuzzTest
    void leaseLogsAreReadOrRefused(byte[] bytes) {
        try {
            assertThat(LeaseLog.parse(bytes).toBytes()).isEqualTo(bytes);
        } catch (EvidenceFormatException expected) {
            assertThat(expected).hasMessageStartingWith("lease log: ");
        }
    }
}
