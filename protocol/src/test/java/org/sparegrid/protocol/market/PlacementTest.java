// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlacementTest {
    @Test
    void countsTheWindowFromThePlacingOn() {
        Placement later = new Placement(0, 0, 0, false, false, false, 3600, 60, 0);
        Instant placed = Instant.parse("2026-11-22T20:00:00Z");
        assertThat(later.opens(placed)).isEqualTo("2026-11-22T21:00:00Z");
        assertThat(later.closes(placed)).isEqualTo("2026-11-22T21:01:00Z");
        assertThat(Placement.ANY.closes(placed)).isEqualTo(placed);
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 60, 'start: expected 0 to 2678400 seconds, got -1'",
        "2678401, 60, 'start: expected 0 to 2678400 seconds, got 2678401'",
        "60, 2678401, 'wait: expected 0 to 2678400 seconds, got 2678401'",
        "1, 59, 'start: expected a wait of at least 60 s for machines from then on, got 59'",
    })
    void rejectsAndSaysWhy(long startAfter, long wait, String why) {
        assertThatThrownBy(() -> new Placement(0, 0, 0, false, false, false, startAfter, wait, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(why);
    }

    @Test
    void isInterruptibleOnlyIfNothingElseIsPromised() {
        assertThat(new Placement(0, 0, 1, false, true, false, 3600, 60, 0).interruptible())
                .isTrue();
        assertThat(Placement.ANY.interruptible()).isFalse();
        assertThatThrownBy(() -> new Placement(0, 0, 0, true, true, false, 0, 0, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("interruptible: expected an order that isn't firm");
        assertThatThrownBy(() -> new Placement(0, 0, 0, false, true, false, 0, 0, 0.9))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("interruptible: expected no reliability");
    }

    @ParameterizedTest
    @CsvSource({
        "false, 0, 0, 'reserve: expected a start that is later; say from when on'",
        "true, 3600, 0, 'reserve: expected an order of single machines that isn''t interruptible'",
        "false, 3600, 0.9, 'reserve: expected an order of single machines that isn''t interruptible'",
    })
    void reservesSingleMachinesForLater(
            boolean interruptible, long startAfter, double reliability, String why) {
        assertThatThrownBy(() ->
                        new Placement(
                                0, 0, 0, false, interruptible, true, startAfter, 60, reliability))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(why);
    }
}
