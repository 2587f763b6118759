// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.market.LeaseTraffic;
import picocli.CommandLine.TypeConversionException;

class TrafficWordsTest {
    private static String words(long counted, long agreed) {
        return Words.traffic(
                new LeaseTraffic(
                        Credits.parse("0.02"),
                        20_000,
                        counted,
                        agreed,
                        Credits.parse("0.03"),
                        0,
                        Credits.ZERO));
    }

    @Test
    void tellsWhatAnOpenPortSavedAndEarned() {
        assertThat(Words.saved(saved(Credits.ZERO))).isEqualTo("its open port saved relays 1.5 GB");
        assertThat(Words.saved(saved(Credits.parse("0.03"))))
                .isEqualTo("its open port saved relays 1.5 GB, for a bonus of 0.0300");
    }

    private static LeaseTraffic saved(Credits bonus) {
        return new LeaseTraffic(Credits.ZERO, 0, 0, 0, Credits.ZERO, 1_500_000_000, bonus);
    }

    @Test
    void tellsWhatIsBilledOfWhatWasCounted() {
        assertThat(words(1_600_000_000, 1_500_000_000))
                .isEqualTo(
                        "1.5 GB billed of 1.6 GB that its seller counted, 0.0300 at 0.0200 a GB,"
                                + " at most 20.0 GB");
    }

    @Test
    void tellsWhyNothingIsBilled() {
        assertThat(words(1_600_000_000, 0))
                .endsWith("; the other ends have reported nothing of it");
        assertThat(words(0, 0)).doesNotContain("reported");
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "500MB, 500", "20GB, 20000", "1TB, 1000000"})
    void readsAmounts(String text, long megabytes) {
        assertThat(new Units.VolumeReader().convert(text).megabytes()).isEqualTo(megabytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "-1GB", "5GiB", "123456789MB", "5 GB"})
    void refusesOtherAmountsAndSaysWhatItExpects(String text) {
        assertThatThrownBy(() -> new Units.VolumeReader().convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessage("expected an amount such as 500MB, 20GB or 1TB, got '" + text + "'");
    }
}
