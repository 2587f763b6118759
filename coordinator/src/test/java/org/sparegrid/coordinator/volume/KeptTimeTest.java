// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.volume;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.sparegrid.testsupport.Property;

class KeptTimeTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void countsWhatPassesBetweenTwoLooks() {
        KeptTime time = KeptTime.from(START).heardAt(START.plusMillis(61_500), Long.MAX_VALUE);
        assertThat(time.seconds()).isEqualTo(61);
        assertThat(time.heardAt(START.plusMillis(62_000), Long.MAX_VALUE).seconds()).isEqualTo(62);
    }

    @Test
    void paysOnlyThreeMinutesOfASilence() {
        KeptTime time =
                KeptTime.from(START).heardAt(START.plus(Duration.ofHours(9)), Long.MAX_VALUE);
        assertThat(time.seconds()).isEqualTo(180);
    }

    @Test
    void paysNothingOfTheTimeInWhichItWasNotFound() {
        KeptTime time = KeptTime.from(START).againAt(START.plusSeconds(100));
        assertThat(time.heardAt(START.plusSeconds(101), Long.MAX_VALUE).seconds()).isEqualTo(1);
    }

    @Test
    void neverPaysMoreThanThereIsNorThanPassed() {
        Property.holds(
                1_000,
                random -> {
                    long most = random.nextInt(10_000);
                    KeptTime time = KeptTime.from(START);
                    Instant now = START;
                    for (int i = 0; i < 50; i++) {
                        // A clock that steps back must not harm.
                        now = now.plusMillis(random.nextInt(400_000) - 20_000);
                        KeptTime next = time.heardAt(now, most);
                        assertThat(next.billableMillis())
                                .isBetween(time.billableMillis(), most * 1000);
                        time = next;
                    }
                    assertThat(time.billableMillis())
                            .isLessThanOrEqualTo(Duration.between(START, time.heard()).toMillis());
                });
    }
}
