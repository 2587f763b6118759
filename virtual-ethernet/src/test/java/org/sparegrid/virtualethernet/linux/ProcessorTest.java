// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessorTest {
    @ParameterizedTest
    @CsvSource({
        "'flags\t\t: fpu vme aes sse2 pclmulqdq fpu', true",
        "'Features\t: fp asimd aes pmull', true",
        "'flags\t\t: fpu vme sse2 pclmulqdq', false",
        "'flags\t\t: fpu vaes pclmulqdq', false",
        "'flags\t\t: aes', false",
        "'model name\t: aes pclmulqdq', false",
        "'', false",
    })
    void looksForBothInstructions(String line, boolean has) {
        assertThat(Processor.hasAesGcm(List.of("processor\t: 0", line))).isEqualTo(has);
    }
}
