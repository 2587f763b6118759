// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.protocol.market.Quote;
import org.sparegrid.testsupport.Property;

class SortingEngineTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final SortingEngine ENGINE = new SortingEngine();

    @Test
    void takesTheCheapestAndAmongEqualsTheOldest() {
        SlotAsk dear = ask(1, 30, 0, 2, 1024, Acceleration.KVM);
        SlotAsk young = ask(2, 20, 9, 1, 1024, Acceleration.KVM);
        SlotAsk old = ask(3, 20, 1, 1, 1024, Acceleration.KVM);
        Match match = ENGINE.match(List.of(dear, young, old), demand(3, 512, 100, true));
        assertThat(match.slots().stream().map(Match.Taken::slot))
                .containsExactly(slot(3, 0), slot(2, 0), slot(1, 0));
        assertThat(match.missing()).isZero();
    }

    @Test
    void saysWhatExcludesHowManySlots() {
        SlotAsk small = ask(1, 10, 0, 3, 256, Acceleration.KVM);
        SlotAsk slow = ask(2, 10, 0, 2, 1024, Acceleration.EMULATION);
        SlotAsk dear = ask(3, 500, 0, 1, 1024, Acceleration.KVM);
        Match match = ENGINE.match(List.of(small, slow, dear), demand(2, 512, 100, false));
        assertThat(match.missing()).isEqualTo(2);
        assertThat(match.exclusions())
                .containsExactly(
                        new Quote.Exclusion("memory >= 512 MiB", 3),
                        new Quote.Exclusion("acceleration = KVM", 2),
                        new Quote.Exclusion("price <= 0.0000001 an hour", 1));
    }

    @Test
    void leavesOutSellersThatFailedBefore() {
        SlotAsk failed = ask(1, 10, 0, 1, 1024, Acceleration.KVM);
        Demand demand =
                new Demand(
                        1, new MachineSize(1, 512, 0), new Credits(100), true, Set.of(seller(1)));
        assertThat(ENGINE.match(List.of(failed), demand).missing()).isEqualTo(1);
    }

    @Test
    void costsNoMoreThanAnyOtherChoice() {
        Property.holds(
                2000,
                random -> {
                    List<SlotAsk> asks = new ArrayList<>();
                    for (int i = 0; i < random.nextInt(12); i++) {
                        asks.add(any(random, i));
                    }
                    Demand demand =
                            demand(
                                    1 + random.nextInt(8),
                                    256 << random.nextInt(3),
                                    random.nextInt(20),
                                    random.nextBoolean());
                    Match match = ENGINE.match(asks, demand);
                    List<Long> fitting = oraclePrices(asks, demand);
                    int wanted = Math.min(demand.machines(), fitting.size());
                    assertThat(match.slots()).hasSize(wanted);
                    assertThat(match.missing()).isEqualTo(demand.machines() - wanted);
                    assertThat(
                                    new HashSet<>(
                                            match.slots().stream().map(Match.Taken::slot).toList()))
                            .hasSize(wanted);
                    assertThat(
                                    match.slots().stream()
                                            .mapToLong(t -> t.from().ask().pricePerHour().nanos())
                                            .sum())
                            .isEqualTo(
                                    fitting.stream()
                                            .sorted()
                                            .limit(wanted)
                                            .mapToLong(price -> price)
                                            .sum());
                });
    }

    /// The price of every slot that fits, by plain enumeration.
    private static List<Long> oraclePrices(List<SlotAsk> asks, Demand demand) {
        List<Long> prices = new ArrayList<>();
        for (SlotAsk ask : asks) {
            boolean fits =
                    ask.ask().size().covers(demand.size())
                            && ask.ask().pricePerHour().nanos() <= demand.pricePerHourMax().nanos()
                            && (demand.emulationAllowed()
                                    || ask.ask().acceleration() == Acceleration.KVM);
            for (int i = 0; fits && i < ask.free().size(); i++) {
                prices.add(ask.ask().pricePerHour().nanos());
            }
        }
        return prices;
    }

    private static SlotAsk any(RandomGenerator random, int number) {
        return ask(
                number,
                random.nextInt(20),
                random.nextInt(3),
                1 + random.nextInt(4),
                256 << random.nextInt(3),
                random.nextBoolean() ? Acceleration.KVM : Acceleration.EMULATION);
    }

    private static SlotAsk ask(
            int number, long price, long age, int slots, int memory, Acceleration acceleration) {
        Ask ask =
                new Ask(
                        "machine " + number,
                        slots,
                        new MachineSize(1, memory, 0),
                        new Credits(price),
                        acceleration,
                        "",
                        1000,
                        "1");
        return new SlotAsk(
                seller(number),
                ask,
                START.plusSeconds(age),
                IntStream.range(0, slots).mapToObj(i -> slot(number, i)).toList());
    }

    private static Demand demand(int machines, int memory, long price, boolean emulation) {
        return new Demand(
                machines, new MachineSize(1, memory, 0), new Credits(price), emulation, Set.of());
    }

    private static SellerId seller(int number) {
        return new SellerId("%040x".formatted(number));
    }

    private static SlotId slot(int number, int slot) {
        return SlotId.of(seller(number), slot);
    }
}
