// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selling;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.agent.config.SettingsFile;
import org.sparegrid.protocol.Credits;

class TillTest {
    private static final LocalDateTime NOON = LocalDateTime.of(2026, 11, 16, 12, 0);
    private static final LocalDateTime NIGHT = LocalDateTime.of(2026, 11, 16, 23, 0);

    @TempDir private Path folder = Path.of("/nonexistent");

    private Till till(String price) throws Exception {
        return new Till(
                folder.resolve("earnings.json"),
                SettingsFile.parse(
                                """
                                watts = 200
                                tariff = 0.30
                                tariff-hours = ["mon-sun 22:00-06:00 0.20"]
                                """,
                                "test")
                        .tariff(),
                Credits.parse(price));
    }

    @Test
    void neverAsksLessThanTheEnergyCosts() throws Exception {
        Till cheap = till("0.05");
        assertThat(cheap.ask(NOON)).isEqualTo(Credits.parse("0.06"));
        assertThat(cheap.ask(NIGHT)).isEqualTo(Credits.parse("0.05"));
        cheap.look(List.of(), NOON, 0);
        assertThat(cheap.report().askNow()).isEqualTo(Credits.parse("0.06"));
        assertThat(cheap.report().energyKnown()).isTrue();
    }

    @Test
    void goesOnFromWhatWasWrittenDown() throws Exception {
        Files.writeString(
                folder.resolve("earnings.json"),
                """
                {"earned":"3.5","energy":"1.25",
                 "live":{"l1":{"paidMillis":3600000,"busyNanos":0,"perHour":"0.5"}}}
                """);
        Till till = till("0.05");
        assertThat(till.report().gross()).isEqualTo(Credits.parse("4"));
        till.look(List.of(), NOON, 10_000);

        assertThat(till.report().net()).isEqualTo(Credits.parse("2.75"));
        assertThat(till("0.05").report().gross()).isEqualTo(Credits.parse("4"));
    }

    @Test
    void countsAnewWhatCannotBeRead() throws Exception {
        Files.writeString(folder.resolve("earnings.json"), "{");

        assertThat(till("0.05").report().gross()).isEqualTo(Credits.ZERO);
    }
}
