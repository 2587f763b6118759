// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.benchmarks.market;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.Constraint;
import org.sparegrid.coordinator.market.Constraints;
import org.sparegrid.coordinator.market.Diversity;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.protocol.market.WeekHours;

/// A market as one may expect it: log-normal speeds, lines and prices, a few large countries and
/// many small ones, most machines without proof of anything, half of them not there all week.
///
/// Of the orders one half is easy to meet, a third is choosy, a tenth asks for what few have, and a
/// twentieth for what nobody has.
final class SampleMarket {
    private static final int[] CORES = {1, 2, 2, 4, 4, 4, 6, 8, 8, 12, 16, 32};
    private static final int COUNTRIES = 120;
    private static final int KINDS = 40;
    private static final int OWNERS = 400_000;

    private final Random random;

    SampleMarket(long seed) {
        this.random = new Random(seed);
    }

    private double logNormal(double median, double spread) {
        return median * Math.exp(spread * random.nextGaussian());
    }

    /// Numbers below `count`, of which the small ones come up far more often.
    private int rank(int count) {
        double rank = Math.exp(random.nextDouble() * Math.log(count + 1));
        return Math.min(count - 1, (int) rank - 1);
    }

    private static String country(int rank) {
        return "" + (char) ('A' + rank / 26) + (char) ('A' + rank % 26);
    }

    AskAttributes ask() {
        int cores = CORES[random.nextInt(CORES.length)];
        double score = logNormal(1000, 0.35);
        int attestation = attestation();
        double price =
                logNormal(40_000_000, 0.6)
                        * Math.pow(score / 1000, 1.1)
                        * Math.pow(cores, 0.95)
                        * (1 + 0.25 * attestation);
        int owner = random.nextInt(OWNERS);
        return new AskAttributes(
                new Credits((long) price),
                new MachineSize(
                        cores,
                        (int) Math.clamp(cores * logNormal(2048, 0.5), 128, 524_288),
                        (int) Math.min(16_777_216, logNormal(60 * 1024.0, 1))),
                (int) score,
                (int) logNormal(12_000, 1.1),
                (int) logNormal(60_000, 1.1),
                (int) logNormal(45_000, 0.7),
                (int) (1000 * (1 - Math.pow(random.nextDouble(), 1.5) * 0.5)),
                (int) Math.min(4000, logNormal(900, 0.6)),
                attestation,
                new Credits(random.nextDouble() < 0.7 ? 0 : (long) logNormal(8_000_000, 1)),
                random.nextDouble() < 0.12,
                random.nextDouble() < 0.9,
                country(rank(COUNTRIES)),
                "cpu-" + rank(KINDS),
                "acc-" + owner,
                "",
                hours(owner));
    }

    private int attestation() {
        double drawn = random.nextDouble();
        return drawn < 0.8 ? 0 : drawn < 0.95 ? 1 : drawn < 0.99 ? 2 : 3;
    }

    private WeekHours hours(int owner) {
        double kind = random.nextDouble();
        if (kind < 0.4) {
            return WeekHours.ALL;
        }
        WeekHours hours = WeekHours.NONE;
        for (int hour = 0; hour < WeekHours.COUNT; hour++) {
            boolean night = hour % 24 >= 20 || hour % 24 < 8;
            boolean there =
                    kind < 0.7 ? night : kind < 0.85 ? hour >= 120 : (hour * 7 + owner) % 5 != 0;
            hours = there ? hours.with(hour) : hours;
        }
        return hours;
    }

    Demand demand() {
        double kind = random.nextDouble();
        List<Constraint> wanted = new ArrayList<>();
        int machines;
        long priceMax;
        int hours;
        if (kind < 0.5) {
            machines = 1 + random.nextInt(16);
            least(wanted, Attribute.CORES, 2);
            least(wanted, Attribute.SCORE, 600 + random.nextInt(300));
            least(wanted, Attribute.MEMORY, 2048 + random.nextInt(3) * 1024);
            hours = 4;
            priceMax = 800_000_000;
        } else if (kind < 0.85) {
            machines = 4 + random.nextInt(61);
            choosy(wanted);
            hours = 8 + random.nextInt(5);
            priceMax = 1_200_000_000;
        } else if (kind < 0.95) {
            machines = 8 + random.nextInt(249);
            rare(wanted);
            hours = 24 + random.nextInt(48);
            priceMax = 5_000_000_000L;
        } else {
            machines = 8;
            impossible(wanted);
            hours = 100;
            priceMax = 50_000_000_000L;
        }
        wanted.add(new Constraint.Open(WeekHours.range(random.nextInt(WeekHours.COUNT), hours)));
        return new Demand(
                machines,
                new Constraints(wanted),
                new Credits(priceMax),
                random.nextInt(500),
                diversity(machines));
    }

    private Diversity diversity(int machines) {
        int third = Math.max(1, machines / 3);
        return new Diversity(
                random.nextDouble() < 0.3 ? third : Diversity.ANY,
                random.nextDouble() < 0.2 ? third : Diversity.ANY,
                random.nextBoolean() ? 1 : Diversity.ANY);
    }

    private void choosy(List<Constraint> wanted) {
        least(wanted, Attribute.CORES, 4);
        least(wanted, Attribute.SCORE, 1000 + random.nextInt(200));
        least(wanted, Attribute.MEMORY, 8192 + random.nextInt(8) * 1024);
        least(wanted, Attribute.RATING, 800);
        wanted.add(Constraint.Range.atMost(Attribute.LATENCY, 80_000));
        least(wanted, Attribute.UP, 8000);
        wanted.add(new Constraint.OneOf(Attribute.COUNTRY, countries(1 + random.nextInt(10))));
    }

    private void rare(List<Constraint> wanted) {
        least(wanted, Attribute.ATTESTATION, 2);
        wanted.add(new Constraint.Flag(Attribute.OPEN_UDP, true));
        least(wanted, Attribute.MEMORY, 32_768);
        least(wanted, Attribute.SCORE, 900);
        wanted.add(new Constraint.OneOf(Attribute.COUNTRY, countries(1 + random.nextInt(2))));
        Set<String> kinds = new TreeSet<>();
        for (int i = 0; i <= random.nextInt(2); i++) {
            kinds.add("cpu-" + rank(KINDS));
        }
        wanted.add(new Constraint.OneOf(Attribute.HARDWARE, kinds));
    }

    private void impossible(List<Constraint> wanted) {
        least(wanted, Attribute.ATTESTATION, 3);
        least(wanted, Attribute.SCORE, 2600);
        least(wanted, Attribute.CORES, 32);
        wanted.add(new Constraint.Flag(Attribute.OPEN_UDP, true));
        String rarest = country(COUNTRIES - 1 - random.nextInt(10));
        wanted.add(new Constraint.OneOf(Attribute.COUNTRY, Set.of(rarest)));
    }

    private static void least(List<Constraint> wanted, Attribute attribute, long value) {
        wanted.add(Constraint.Range.atLeast(attribute, value));
    }

    private Set<String> countries(int count) {
        Set<String> names = new TreeSet<>();
        while (names.size() < count) {
            names.add(country(rank(COUNTRIES)));
        }
        return names;
    }
}
