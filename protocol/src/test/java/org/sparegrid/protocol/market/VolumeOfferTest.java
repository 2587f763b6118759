// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.api.Volume;
import org.sparegrid.testsupport.Property;

class VolumeOfferTest {
    @Test
    void costsThePriceForEachGibibyteAndThirtyDays() {
        assertThat(VolumeOffer.cost(Credits.parse("0.05"), 20, VolumeOffer.MONTH_SECONDS))
                .isEqualTo(Credits.parse("1"));
        assertThat(VolumeOffer.cost(Credits.parse("0.05"), 20, 3600))
                .isEqualTo(Credits.parse("0.001388888"));
    }

    @Test
    void theMostSecondsCostNoMoreThanTheMoneyAndOneMoreCostsMore() {
        Property.holds(
                10_000,
                random -> {
                    Credits price = new Credits(1 + random.nextInt(2_000_000_000));
                    int gibibytes = 1 + random.nextInt(Volume.GIBIBYTES_MAX);
                    Credits money = new Credits(random.nextInt(Integer.MAX_VALUE));
                    long seconds = VolumeOffer.seconds(money, price, gibibytes);
                    assertThat(VolumeOffer.cost(price, gibibytes, seconds))
                            .isLessThanOrEqualTo(money);
                    assertThat(VolumeOffer.cost(price, gibibytes, seconds + 1))
                            .isGreaterThan(money);
                });
    }

    @Test
    void whatCostsNothingLastsForEver() {
        assertThat(VolumeOffer.seconds(Credits.ZERO, Credits.ZERO, 5)).isEqualTo(Long.MAX_VALUE);
        assertThat(VolumeOffer.seconds(new Credits(-1), Credits.ZERO, 5)).isZero();
    }

    @Test
    void refusesWhatIsOutOfRange() {
        assertThatThrownBy(() -> new VolumeOffer(-1, Credits.ZERO))
                .hasMessage("volumes: expected 0 to 1000000 GiB, got -1");
        assertThatThrownBy(() -> new VolumeOffer(1, new Credits(-1)))
                .hasMessageContaining("expected a price of 0 to");
        assertThatThrownBy(() -> new Volume.Request("A", 1, Credits.ZERO, Query.ANY))
                .hasMessageContaining("expected 1 to 32 of a-z");
        assertThatThrownBy(() -> new Volume.Request("a", 0, Credits.ZERO, Query.ANY))
                .hasMessage("size: expected 1 to 4096 GiB, got 0");
    }
}
