// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.eventlog;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.wire.EvidenceFormatException;

class EventLogFuzzTest {
    @FuzzTest
    void logsAreReadOrRefused(byte[] bytes) {
        try {
            use(BootLog.parse(bytes));
        } catch (EvidenceFormatException expected) {
            assertThat(expected).hasMessageStartingWith("boot log");
        }
    }

    @FuzzTest
    void confidentialLogsAreReadOrRefused(byte[] bytes) {
        try {
            use(BootLog.parseConfidential(bytes));
        } catch (EvidenceFormatException expected) {
            assertThat(expected).hasMessageStartingWith("boot log");
        }
    }

    private static void use(BootLog log) {
        for (HashAlgorithm bank : log.banks()) {
            assertThat(log.explain(log.replay(bank))).isEqualTo(new ReplayResult.Explained());
            assertThat(SecureBoot.of(log, bank)).isNotNull();
        }
    }
}
