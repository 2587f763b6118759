// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.sparegrid.protocol.market.Usage;
import org.sparegrid.testsupport.Property;

class MeterTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final long MONTH = 2_678_400;

    @Test
    void billsWhatTheAgentReadWithinTheCoordinatorsOwnTime() {
        Meter meter = Meter.startedAt(START).after(ran(5000), at(5000), MONTH);
        assertThat(meter.billableMillis()).isEqualTo(5000);
        assertThat(meter.billedSeconds()).isEqualTo(5);
    }

    @Test
    void neverBillsMoreThanPassedHereAndTwoSeconds() {
        Meter meter = Meter.startedAt(START).after(ran(3_600_000), at(5000), MONTH);
        assertThat(meter.billableMillis()).isEqualTo(7000);
    }

    @Test
    void givesTheToleranceOnceHoweverManyReadingsThereAre() {
        Meter meter = Meter.startedAt(START);
        for (int i = 1; i <= 100; i++) {
            meter = meter.after(ran(i * 10_000L), at(i * 5000L), MONTH);
        }
        assertThat(meter.billableMillis()).isEqualTo(502_000);
    }

    @Test
    void catchesUpExactlyAfterTheCoordinatorWasDownForAnHour() {
        Meter before = Meter.startedAt(START).after(ran(10_000), at(10_000), MONTH);
        Meter after = before.after(ran(3_610_000), at(3_610_000), MONTH);
        assertThat(after.billedSeconds()).isEqualTo(3610);
    }

    @Test
    void neverExceedsTheOrdersTime() {
        Meter meter = Meter.startedAt(START).after(ran(100_000), at(100_000), 60);
        assertThat(meter.billedSeconds()).isEqualTo(60);
    }

    @Test
    void roundsDownToWholeSeconds() {
        assertThat(Meter.startedAt(START).after(ran(1999), at(5000), MONTH).billedSeconds())
                .isEqualTo(1);
    }

    @Test
    void refusesAReadingThatWentBackwards() {
        Meter meter = Meter.startedAt(START).after(ran(5000), at(5000), MONTH);
        assertThat(meter.accepts(ran(4999))).isFalse();
        assertThat(meter.accepts(new Usage(6000, 0, 0, 0))).isTrue();
        assertThatThrownBy(() -> meter.after(ran(4999), at(6000), MONTH))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("meter: a reading went backwards");
    }

    @Test
    void billsNothingMoreWhenTheClockSteppedBack() {
        Meter meter = Meter.startedAt(START).after(ran(5000), at(5000), MONTH);
        Meter later = meter.after(ran(9000), at(1000), MONTH);
        assertThat(later.billableMillis()).isBetween(5000L, 7000L);
        assertThat(later.accepted()).isEqualTo(at(5000));
    }

    @Test
    void neverBillsMoreThanEitherSideMeasuredNorEverLess() {
        Property.holds(
                2000,
                random -> {
                    Meter meter = Meter.startedAt(START);
                    long secondsMax = 60 + random.nextInt(500);
                    long now = 0;
                    long run = 0;
                    for (int i = 0; i < 50; i++) {
                        now += random.nextInt(20_000);
                        run += random.nextInt(30_000);
                        Meter next = meter.after(ran(run), at(now), secondsMax);
                        assertThat(next.billableMillis())
                                .isGreaterThanOrEqualTo(meter.billableMillis())
                                .isLessThanOrEqualTo(run)
                                .isLessThanOrEqualTo(now + 2000)
                                .isLessThanOrEqualTo(secondsMax * 1000);
                        meter = next;
                    }
                });
    }

    private static Usage ran(long millis) {
        return new Usage(millis, 0, 0, 0);
    }

    private static Instant at(long millis) {
        return START.plus(Duration.ofMillis(millis));
    }
}
