// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.Constraint;
import org.sparegrid.coordinator.market.Constraints;
import org.sparegrid.coordinator.market.Diversity;
import org.sparegrid.coordinator.market.Knowledge;
import org.sparegrid.coordinator.market.Match;
import org.sparegrid.coordinator.market.SlotAsk;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.AskTraits;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.testsupport.Property;

class VictimsTest {
    private static final int CANDIDATES_MAX = 9;

    /// Against all subsets: none of them is feasible and larger, and of those as large none has
    /// fewer machines of the buyer's own, and then none is cheaper, and then none is younger.
    @Test
    void choosesTheBestOfAllSubsets() {
        Property.holds(3_000, VictimsTest::compare);
    }

    private static void compare(RandomGenerator random) {
        Diversity spread =
                switch (random.nextInt(3)) {
                    case 0 -> Diversity.NONE;
                    case 1 -> new Diversity(1 + random.nextInt(2), Diversity.ANY, Diversity.ANY);
                    default -> new Diversity(Diversity.ANY, Diversity.ANY, 1 + random.nextInt(2));
                };
        int machines = 1 + random.nextInt(5);
        Demand demand =
                new Demand(
                        machines,
                        new Constraints(List.of(Constraint.Range.atLeast(Attribute.CORES, 2))),
                        new Credits(60),
                        0,
                        spread);
        List<Victims.Candidate> candidates = new ArrayList<>();
        for (int i = random.nextInt(CANDIDATES_MAX); i > 0; i--) {
            candidates.add(candidate(random, i));
        }
        Match free = free(random, demand, machines);
        List<Victims.Candidate> chosen = Victims.choose(demand, free, candidates);
        assertThat(feasible(demand, free, chosen)).isTrue();
        for (int subset = 0; subset < 1 << candidates.size(); subset++) {
            List<Victims.Candidate> other = new ArrayList<>();
            for (int i = 0; i < candidates.size(); i++) {
                if ((subset >> i & 1) != 0) {
                    other.add(candidates.get(i));
                }
            }
            if (feasible(demand, free, other)) {
                assertThat(chosen).hasSizeGreaterThanOrEqualTo(other.size());
                if (chosen.size() == other.size()) {
                    assertThat(rank(chosen)).isLessThanOrEqualTo(rank(other));
                }
            }
        }
    }

    /// Smaller is better: the buyer's own, then the price, then the age.
    private static long rank(List<Victims.Candidate> machines) {
        long own = machines.stream().filter(Victims.Candidate::own).count();
        long price = machines.stream().mapToLong(each -> each.offer().pricePerHour().nanos()).sum();
        long age = machines.stream().mapToLong(each -> 10 - each.created().getEpochSecond()).sum();
        return (own * 10_000 + price) * 1_000 + age;
    }

    private static boolean feasible(Demand demand, Match free, List<Victims.Candidate> machines) {
        if (machines.size() > free.missing()) {
            return false;
        }
        Map<String, Integer> countries = new HashMap<>();
        Map<String, Integer> owners = new HashMap<>();
        List<AskAttributes> all = new ArrayList<>();
        free.slots().forEach(taken -> all.add(taken.from().attributes()));
        machines.forEach(each -> all.add(each.offer()));
        for (AskAttributes ask : all) {
            int ofCountry = countries.merge(ask.country(), 1, Integer::sum);
            int ofOwner = owners.merge(ask.owner(), 1, Integer::sum);
            if (ask.size().cpus() < 2
                    || ask.pricePerHour().nanos() > 60
                    || ofCountry > demand.diversity().perCountry()
                    || ofOwner > demand.diversity().perOwner()) {
                return false;
            }
        }
        return true;
    }

    private static Match free(RandomGenerator random, Demand demand, int machines) {
        List<Match.Taken> slots = new ArrayList<>();
        for (int i = random.nextInt(machines); i > 0; i--) {
            Victims.Candidate any = candidate(random, 20 + i);
            SlotAsk ask = slotAsk(any);
            List<Match.Taken> more = new ArrayList<>(slots);
            more.add(new Match.Taken(any.slot(), ask));
            if (feasible(demand, new Match(more, 0), List.of())) {
                slots = more;
            }
        }
        return new Match(slots, machines - slots.size());
    }

    private static SlotAsk slotAsk(Victims.Candidate of) {
        return new SlotAsk(
                of.slot().seller(),
                new Ask(
                        "pc",
                        1,
                        of.offer().size(),
                        of.offer().pricePerHour(),
                        Acceleration.KVM,
                        "",
                        1000,
                        "1",
                        AskTraits.UNKNOWN),
                of.offer(),
                Knowledge.NONE,
                List.of());
    }

    private static Victims.Candidate candidate(RandomGenerator random, int number) {
        SellerId seller = new SellerId("%040x".formatted(number));
        AskAttributes offer =
                Attributes.of(
                        new Ask(
                                "pc",
                                1,
                                new MachineSize(random.nextInt(8) == 0 ? 1 : 2, 1024, 0),
                                new Credits(1 + random.nextInt(64)),
                                Acceleration.KVM,
                                "",
                                1000,
                                "1",
                                new AskTraits(
                                        random.nextBoolean() ? "SE" : "FI",
                                        "",
                                        0,
                                        0,
                                        Credits.ZERO,
                                        false,
                                        "",
                                        AskTraits.UNKNOWN.hours(),
                                        AskTraits.UNKNOWN.volumes())),
                        "acc-" + random.nextInt(3),
                        Knowledge.NONE);
        return new Victims.Candidate(
                new LeaseId(LeaseId.PREFIX + "a".repeat(10) + (char) ('a' + number % 26) + "b"),
                SlotId.of(seller, 0),
                random.nextInt(4) == 0,
                false,
                Instant.ofEpochSecond(random.nextInt(10)),
                offer);
    }
}
