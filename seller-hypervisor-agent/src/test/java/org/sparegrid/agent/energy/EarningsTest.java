// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.energy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.protocol.Credits;

class EarningsTest {
    private static final LocalDateTime NOON = LocalDateTime.of(2026, 11, 16, 12, 0);
    private static final LocalDateTime NIGHT = LocalDateTime.of(2026, 11, 16, 23, 0);
    private static final Tariff TARIFF =
            new Tariff(
                    50,
                    Credits.parse("0.40"),
                    List.of(Tariff.Period.parse("mon-sun 22:00-06:00 0.20")));

    private static Earnings.Reading hours(double paid, double busy) {
        return new Earnings.Reading((long) (paid * 3.6e6), (long) (busy * 3.6e12), 1);
    }

    @Test
    void knowsTheFloorByTheHour() {
        assertThat(TARIFF.floorAt(NOON)).isEqualTo(Credits.parse("0.02"));
        assertThat(TARIFF.floorAt(NIGHT)).isEqualTo(Credits.parse("0.01"));
        assertThat(new Tariff(0, Credits.parse("0.40"), List.of()).floorAt(NOON))
                .isEqualTo(Credits.ZERO);
    }

    @Test
    void addsUpWhatLeasesEarnAndCost() {
        Credits price = Credits.parse("0.05");
        Earnings first = Earnings.NONE.after(Map.of("a", hours(1, 1)), price, TARIFF, NOON);
        assertThat(first.gross()).isEqualTo(Credits.parse("0.05"));
        assertThat(first.net()).isEqualTo(Credits.parse("0.03"));

        // Another price holds for new leases only; nights are cheaper; an idle guest burns little.
        Credits dear = Credits.parse("0.50");
        Earnings second =
                first.after(Map.of("a", hours(2, 2), "b", hours(1, 0)), dear, TARIFF, NIGHT);
        assertThat(second.gross()).isEqualTo(Credits.parse("0.60"));
        assertThat(second.energy()).isEqualTo(Credits.parse("0.03"));

        Earnings over = second.after(Map.of(), dear, TARIFF, NOON);
        assertThat(over.earned()).isEqualTo(Credits.parse("0.60"));
        assertThat(over.net()).isEqualTo(Credits.parse("0.57"));
    }

    @Test
    void sharesTheSlotsPowerAmongItsProcessors() {
        Earnings.Reading both = new Earnings.Reading(3_600_000, 7_200_000_000_000L, 2);

        assertThat(Earnings.NONE.after(Map.of("a", both), Credits.ZERO, TARIFF, NOON).energy())
                .isEqualTo(Credits.parse("0.02"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "0.2", "mon-sun 22:00-06:00", "mon 1:00-2:00 x", "mon 1:00-2:00 -1"})
    void refusesWhatIsNoPeriod(String text) {
        assertThatThrownBy(() -> Tariff.Period.parse(text))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
