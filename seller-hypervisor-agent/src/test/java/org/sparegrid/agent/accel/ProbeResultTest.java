// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.accel;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProbeResultTest {
    @Test
    void isTheProgramThatWasTested() throws Exception {
        byte[] digest = MessageDigest.getInstance("MD5").digest(ProbeRom.bytes());

        assertThat(HexFormat.of().formatHex(digest)).isEqualTo("038a7e0e2005569df0e0639d47c4eb7b");
    }

    @Test
    void worksOnlyIfEveryStagePassed() {
        assertThat(ProbeResult.classify(33, "ABCDEFGH", "").works()).isTrue();
        assertThat(ProbeResult.classify(33, "ABCDFGH", "").works()).isFalse();
        assertThat(ProbeResult.classify(0, "ABCDEFGH", "").works()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "134, '', 'qemu: error: failed to set MSR 0x10a', QEMU ended with code 134 before the first",
        "-1, ABC, '', the guest hung after stage C",
        "137, ABCD, 'KVM internal error. Suberror: 1', the processor gave up after stage D",
        "1, '', 'Could not access KVM kernel module: Permission denied', Permission denied",
    })
    void saysWhatWentWrong(int ended, String stages, String errors, String why) {
        ProbeResult result = ProbeResult.classify(ended, stages, errors);

        assertThat(result.works()).isFalse();
        assertThat(result.why()).contains(why);
    }
}
