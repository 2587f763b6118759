// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.book;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.Constraint;
import org.sparegrid.coordinator.market.Constraints;
import org.sparegrid.coordinator.market.Diversity;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.protocol.market.WeekHours;

/// Draws asks and orders. Values are few, so that there are many ties and values that just do and
/// just don't.
public final class RandomMarket {
    private final RandomGenerator random;

    public RandomMarket(RandomGenerator random) {
        this.random = random;
    }

    public AskAttributes ask() {
        return new AskAttributes(
                price(),
                new MachineSize(
                        1 + random.nextInt(8), 512 * (1 + random.nextInt(20)), step(2000, 10)),
                step(100, 20),
                step(1000, 40),
                step(1000, 90),
                random.nextInt(5) == 0 ? AskAttributes.UNKNOWN_LATENCY : step(5000, 30),
                step(50, 20),
                step(100, 40),
                random.nextInt(4),
                new Credits(random.nextBoolean() ? 0 : step(1_000_000, 6)),
                random.nextBoolean(),
                random.nextBoolean(),
                name("", 45),
                name("cpu-", 20),
                name("acc-", 30),
                random.nextInt(3) > 0 ? "" : name("pool-", 9),
                hours());
    }

    public Credits price() {
        return new Credits(step(1000, 30));
    }

    private int step(int size, int count) {
        return size * random.nextInt(count + 1);
    }

    private String name(String prefix, int count) {
        return prefix + random.nextInt(count);
    }

    private WeekHours hours() {
        return switch (random.nextInt(3)) {
            case 0 -> WeekHours.ALL;
            case 1 -> WeekHours.range(random.nextInt(168), 1 + random.nextInt(168));
            default -> new WeekHours(random.nextLong(), random.nextLong(), 0xff);
        };
    }

    public Demand demand() {
        List<Constraint> constraints = new ArrayList<>();
        int count = random.nextInt(4) == 0 ? random.nextInt(12) : random.nextInt(4);
        for (int i = 0; i < count; i++) {
            constraints.add(constraint());
        }
        return new Demand(
                1 + random.nextInt(random.nextInt(4) == 0 ? 200 : 8),
                new Constraints(constraints),
                random.nextInt(3) == 0 ? Credits.MAX : price(),
                random.nextBoolean() ? 0 : random.nextInt(6),
                new Diversity(limit(), limit(), limit()));
    }

    private int limit() {
        return random.nextInt(3) == 0 ? 1 + random.nextInt(4) : Diversity.ANY;
    }

    private Constraint constraint() {
        Attribute[] all = Attribute.values();
        Attribute attribute = all[random.nextInt(all.length)];
        AskAttributes like = ask();
        return switch (attribute.kind()) {
            case NUMBER -> range(attribute, like.number(attribute));
            case FLAG -> new Constraint.Flag(attribute, random.nextBoolean());
            case NAME ->
                    random.nextBoolean()
                            ? new Constraint.OneOf(attribute, names(attribute))
                            : new Constraint.NoneOf(attribute, names(attribute));
            case HOURS ->
                    new Constraint.Open(
                            WeekHours.range(random.nextInt(168), 1 + random.nextInt(30)));
        };
    }

    private Constraint range(Attribute attribute, long value) {
        return switch (random.nextInt(4)) {
            case 0 -> Constraint.Range.atMost(attribute, value + random.nextInt(3) - 1);
            case 1 -> new Constraint.Range(attribute, value / 2, value);
            default -> Constraint.Range.atLeast(attribute, value + random.nextInt(3) - 1);
        };
    }

    private Set<String> names(Attribute attribute) {
        Set<String> names = new TreeSet<>();
        int count = random.nextInt(random.nextInt(4) == 0 ? 30 : 4);
        for (int i = 0; i < count; i++) {
            names.add(random.nextInt(9) == 0 ? "unheard of" : ask().name(attribute));
        }
        return names;
    }
}
