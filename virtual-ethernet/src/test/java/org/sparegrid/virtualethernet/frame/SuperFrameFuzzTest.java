// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.frame;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

class SuperFrameFuzzTest {
    @FuzzTest
    void isReadAndDividedOrRefused(byte[] bytes) {
        try {
            SuperFrame frame = new SuperFrame().read(bytes, 0, bytes.length);
            byte[] out = new byte[frame.longest()];
            FrameJoiner joiner = new FrameJoiner(true);
            SuperFrame part = new SuperFrame();
            for (int i = 0; i < frame.count(); i++) {
                int length = frame.write(i, out, 0, true);
                assertThat(length).isBetween(14, out.length);
                if (!joiner.add(part.set(out, 0, length))) {
                    assertThat(joiner.take().length()).isPositive();
                    assertThat(joiner.add(part)).isTrue();
                }
            }
        } catch (FrameFormatException expected) {
            assertThat(expected.getMessage()).matches("(superframe|ethernet): .*");
        }
    }
}
