// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import org.sparegrid.attestation.wire.EvidenceFormatException;

class UnifiedKernelFuzzTest {
    @FuzzTest
    void programsAreReadOrRefused(byte[] bytes) {
        try {
            assertThat(UnifiedKernel.predict(ByteBuffer.wrap(bytes)).programs()).hasSize(2);
        } catch (EvidenceFormatException expected) {
            assertThat(expected.getMessage()).matches("(?s)(program|unified kernel): .*");
        }
    }
}
