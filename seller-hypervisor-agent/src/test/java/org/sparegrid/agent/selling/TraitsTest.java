// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selling;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.sparegrid.agent.benchmark.Figure;
import org.sparegrid.agent.benchmark.Figures;
import org.sparegrid.agent.config.Settings;
import org.sparegrid.agent.config.SettingsFile;
import org.sparegrid.agent.owner.WeeklyHours;
import org.sparegrid.agent.status.Reports;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.WeekHours;

class TraitsTest {
    /// A Monday in winter, when Helsinki is two hours ahead.
    private static final Instant NOW = Instant.parse("2026-01-05T10:20:30Z");

    private static final ZoneId HELSINKI = ZoneId.of("Europe/Helsinki");

    @Test
    void saysTheOwnersHoursByUtc() {
        WeeklyHours nights = WeeklyHours.of(List.of("mon 22:00-24:00", "tue 00:00-06:00"));
        assertThat(Traits.hours(nights, NOW, HELSINKI)).isEqualTo(WeekHours.range(20, 8));
    }

    @Test
    void leavesOutHoursThatAreNotWhole() {
        WeeklyHours odd = WeeklyHours.of(List.of("wed 08:30-10:59"));
        assertThat(Traits.hours(odd, NOW, ZoneId.of("UTC")))
                .isEqualTo(WeekHours.range(2 * 24 + 9, 1));
    }

    @Test
    void offersWhatWasMeasured() throws Exception {
        Settings settings = SettingsFile.parse("idle-cpu = 50\nupload = '8 Mbit/s'", "test");
        Ask before = Reports.ANY.ask();
        Figures figures =
                new Figures(
                        "2026-01-05T10:20:30Z",
                        List.of(
                                new Figure(Figures.ONE_CORE, "points", 1001, 3, 5),
                                new Figure(Figures.RECEIVE, "kbit/s", 94_000.4, 3, 5),
                                new Figure(Figures.SEND, "kbit/s", 90_000, 3, 5)),
                        List.of());
        Ask ask = Traits.measured(before, settings, Optional.of(figures));
        assertThat(ask.cpuScore()).isEqualTo(501);
        assertThat(ask.traits().downKilobits()).isEqualTo(94_000);
        // The owner's word counts.
        assertThat(ask.traits().upKilobits()).isEqualTo(8000);
        assertThat(Traits.measured(before, settings, Optional.empty())).isEqualTo(before);
    }

    @Test
    void isThereAllTheWeekUnlessTheOwnerSaysOtherwise() {
        assertThat(Traits.hours(WeeklyHours.ALWAYS, NOW, HELSINKI)).isEqualTo(WeekHours.ALL);
    }
}
