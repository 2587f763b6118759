// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.ima;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.wire.EvidenceFormatException;

class ImaFuzzTest {
    @FuzzTest
    void logsAreReadOrRefused(byte[] bytes) {
        try {
            ImaLog log = ImaLog.parse(bytes);
            assertThat(log.replay(10, HashAlgorithm.SHA256).length()).isEqualTo(32);
        } catch (EvidenceFormatException expected) {
            assertThat(expected).hasMessageStartingWith("ima log");
        }
    }
}
