// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import org.sparegrid.attestation.report.Finding;
import org.sparegrid.attestation.report.Level;
import org.sparegrid.attestation.wire.EvidenceFormatException;

class PolicyFuzzTest {
    /// Whatever a policy says, no evidence meets no policy but `open`.
    @FuzzTest
    void refusesNothingProvenUnlessOpen(byte[] bytes) {
        Policy policy;
        try {
            policy = PolicyReader.read(bytes);
        } catch (EvidenceFormatException expected) {
            assertThat(expected).hasMessageStartingWith("policy");
            return;
        }
        boolean refused =
                PolicyCheck.check(policy, List.of()).stream()
                        .anyMatch(each -> each.outcome() == Finding.Outcome.FAIL);
        assertThat(refused).isEqualTo(policy.level() != Level.OPEN);
    }
}
