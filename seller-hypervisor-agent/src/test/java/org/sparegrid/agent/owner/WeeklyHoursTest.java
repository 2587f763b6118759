// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.owner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.LocalDateTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.testsupport.Property;

class WeeklyHoursTest {
    /// A Monday.
    private static final LocalDateTime MONDAY = LocalDateTime.of(2026, 11, 16, 0, 0);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mon-fri 18:00-08:00 | 0 | 17:59 | false",
                "mon-fri 18:00-08:00 | 0 | 18:00 | true",
                "mon-fri 18:00-08:00 | 5 | 07:59 | true",
                "mon-fri 18:00-08:00 | 5 | 08:00 | false",
                "sat,sun 00:00-24:00 | 6 | 23:59 | true",
                "sat,sun 00:00-24:00 | 0 | 00:00 | false",
                "sun 20:00-04:00     | 0 | 03:59 | true",
                "fri-mon 10:00-11:00 | 6 | 10:30 | true",
                "fri-mon 10:00-11:00 | 3 | 10:30 | false",
            })
    void containsItsHoursOnly(String hours, int day, String time, boolean expected) {
        LocalDateTime moment = MONDAY.plusDays(day).with(java.time.LocalTime.parse(time));

        assertThat(WeeklyHours.of(List.of(hours)).contains(moment)).isEqualTo(expected);
    }

    @Test
    void saysHowLongUntilItChanges() {
        WeeklyHours nights = WeeklyHours.of(List.of("mon-sun 22:00-06:00"));

        assertThat(nights.untilChange(MONDAY.withHour(21).withMinute(30).withSecond(30)))
                .isEqualTo(Duration.ofSeconds(29 * 60 + 30));
        assertThat(nights.untilChange(MONDAY.withHour(23))).isEqualTo(Duration.ofHours(7));
        assertThat(WeeklyHours.ALWAYS.untilChange(MONDAY)).isEqualTo(Duration.ofDays(7));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "mon",
                "mon 1:00",
                "abc 01:00-02:00",
                "mon 01:60-02:00",
                "mon 24:01-24:02",
                "mon 05:00-05:00",
                "mon 24:00-01:00",
                "mon-tue-wed 01:00-02:00",
                "mon  1:00-2:00"
            })
    void refusesWhatIsNoHours(String text) {
        assertThatThrownBy(() -> WeeklyHours.of(List.of(text)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected");
    }

    @Test
    void agreesWithItselfAtEveryChange() {
        Property.holds(
                200,
                random -> {
                    int from = random.nextInt(24);
                    int to = (from + 1 + random.nextInt(23)) % 24;
                    WeeklyHours hours =
                            WeeklyHours.of(List.of("tue-thu %02d:00-%02d:00".formatted(from, to)));
                    LocalDateTime moment = MONDAY.plusMinutes(random.nextInt(7 * 24 * 60));
                    LocalDateTime change = moment.plus(hours.untilChange(moment));
                    assertThat(hours.contains(change)).isNotEqualTo(hours.contains(moment));
                    assertThat(hours.contains(change.minusMinutes(1)))
                            .isEqualTo(hours.contains(moment));
                });
    }
}
