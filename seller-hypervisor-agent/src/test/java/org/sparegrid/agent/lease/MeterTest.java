// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.sparegrid.protocol.market.Usage;
import org.sparegrid.testsupport.Property;
import org.sparegrid.virtualethernet.meter.TrafficCounters;

class MeterTest {
    @Test
    void addsBytesAcrossRestartsAndTakesTimesAsTheyAre() {
        Meter again = Meter.from(new Usage(5000, 700, 100, 50)).read(9000, 900, bytes(7, 3));

        assertThat(again.last()).isEqualTo(new Usage(9000, 900, 107, 53));
        assertThat(again.read(10_000, 950, bytes(8, 3)).last())
                .isEqualTo(new Usage(10_000, 950, 108, 53));
    }

    @Test
    void neverDecreasesWhateverIsRead() {
        Property.holds(
                1000,
                random -> {
                    Meter meter = Meter.from(new Usage(10, 10, 10, 10));
                    for (int i = 0; i < 20; i++) {
                        Usage before = meter.last();
                        meter =
                                random.nextInt(5) == 0
                                        ? Meter.from(before)
                                        : meter.read(
                                                random.nextInt(100),
                                                random.nextInt(100),
                                                bytes(random.nextInt(100), random.nextInt(100)));
                        assertThat(meter.last().isAfter(before)).isTrue();
                    }
                });
    }

    private static TrafficCounters bytes(long out, long in) {
        return new TrafficCounters(0, in, 0, out, Map.of(), Map.of());
    }
}
