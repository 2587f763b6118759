// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.sparegrid.testsupport.Property;

class RateLimitTest {
    private static final long SECOND_NANOS = 1_000_000_000L;

    @Test
    void admitsABurstAndThenTellsHowLongToWait() {
        RateLimit limit = new RateLimit(3, 30);
        for (int i = 0; i < 3; i++) {
            assertThat(limit.waitSeconds("a", 0)).isZero();
        }
        assertThat(limit.waitSeconds("a", 0)).isEqualTo(2);
        assertThat(limit.waitSeconds("b", 0)).isZero();
        assertThat(limit.waitSeconds("a", 1_500_000_000L)).isEqualTo(1);
        assertThat(limit.waitSeconds("a", 2 * SECOND_NANOS)).isZero();
        assertThat(limit.waitSeconds("a", 2 * SECOND_NANOS)).isEqualTo(2);
    }

    @Test
    void admitsAnyNumberWithoutARate() {
        RateLimit limit = new RateLimit(0, 0);
        for (int i = 0; i < 10_000; i++) {
            assertThat(limit.waitSeconds("a", 0)).isZero();
        }
    }

    @Test
    void remembersABoundedNumberOfAskers() {
        RateLimit limit = new RateLimit(1, 1);
        for (int i = 0; i < 100_100; i++) {
            limit.waitSeconds("asker " + i, i);
        }
        assertThat(limit.askers()).isEqualTo(100_000);
        // The latest are those that it knows.
        assertThat(limit.waitSeconds("asker 100099", 100_100)).isPositive();
    }

    @Test
    void admitsNoMoreThanTheRateAndThoseWhoWaitedAlways() {
        Property.holds(
                100,
                seeded -> {
                    Random random = new Random(seeded.nextLong());
                    int burst = 1 + random.nextInt(10);
                    int perMinute = 1 + random.nextInt(6_000);
                    RateLimit limit = new RateLimit(burst, perMinute);
                    long now = 0;
                    long admitted = 0;
                    for (int i = 0; i < 300; i++) {
                        int wait = limit.waitSeconds("a", now);
                        if (wait == 0) {
                            admitted++;
                            now += random.nextLong(SECOND_NANOS / 50);
                        } else {
                            now += wait * SECOND_NANOS;
                            assertThat(limit.waitSeconds("a", now)).isZero();
                            admitted++;
                        }
                    }
                    double most = burst + perMinute * (now / 60e9) + 1e-3 * admitted + 1;
                    assertThat((double) admitted).isLessThanOrEqualTo(most);
                });
    }
}
