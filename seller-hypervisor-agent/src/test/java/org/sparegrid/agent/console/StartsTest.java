// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StartsTest {
    private static final String BOOT =
            "\u001bc\u001b[?7l\u001b[2J\u001b[0mSeaBIOS (version 1.16.2-debian-1.16.2-1)\r\n";

    /// As OVMF of Debian 12 writes it.
    private static final String UEFI_BOOT =
            "\u001b[2J\u001b[01;01HBdsDxe: loading Boot0001 \"UEFI QEMU QEMU CD-ROM \"\r\n"
                    + "BdsDxe: starting Boot0001 \"UEFI QEMU QEMU CD-ROM \"\r\n";

    private static final long MINUTE = 60_000;

    private final Starts starts = new Starts();

    private void wrote(String text, long nowMillis) {
        starts.wrote(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), nowMillis);
    }

    @ParameterizedTest
    @ValueSource(strings = {BOOT, UEFI_BOOT})
    void givesUpAGuestThatStartsAnewFiveTimesWithinTenMinutes(String boot) {
        for (int i = 0; i <= Starts.ANEW_MAX; i++) {
            assertThat(starts.tooMany()).isEmpty();
            wrote(boot + "Booting from DVD/CD...\r\n", 2 * i * MINUTE);
        }
        assertThat(starts.tooMany()).contains("the guest started anew 5 times within 10 minutes");
    }

    @Test
    void leavesOneAloneThatStartsAnewNowAndThen() {
        for (int i = 0; i < 100; i++) {
            wrote(BOOT, i * (2 * MINUTE + 1));
            assertThat(starts.tooMany()).isEmpty();
        }
    }

    @Test
    void knowsTheWordsHoweverTheyAreCut() {
        String all = BOOT.repeat(Starts.ANEW_MAX + 1) + "SeaBIOS SSeaBIOS (version";
        for (int i = 0; i < all.length(); i++) {
            wrote(all.substring(i, i + 1), 0);
        }
        assertThat(starts.tooMany()).isPresent();
    }

    @Test
    void takesNothingElseForAStart() {
        wrote("SeaBIOS (versio SeaBIOS(version SEABIOS (VERSION ".repeat(100), 0);
        assertThat(starts.tooMany()).isEmpty();
    }
}
