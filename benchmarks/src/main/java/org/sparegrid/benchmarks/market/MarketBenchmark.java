// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.benchmarks.market;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.book.Book;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.coordinator.market.book.Picks;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.market.Attribute;

/// Orders and updates of the book beside an indexed PostgreSQL, one after the other in one run, in
/// time of the processor. Arguments: PostgreSQL's socket, then numbers of asks.
public final class MarketBenchmark {
    private static final int ORDERS = 2000;
    private static final int SHARED_ORDERS = 300;
    private static final int UPDATES = 1_000_000;
    private static final int POSTGRES_UPDATES = 20_000;
    private static final int BATCH = 1000;
    private static final int ORACLE_ORDERS_MAX = 10_000;

    /// Asks that the oracle looks at for one number of asks in all.
    private static final long ORACLE_WORK = 100_000_000;

    private final List<AskAttributes> asks = new ArrayList<>();
    private final List<Demand> orders = new ArrayList<>();
    private final PostgresBook postgres;
    private final Book book;

    private MarketBenchmark(String socket, int count) throws SQLException {
        SampleMarket sample = new SampleMarket(42);
        for (int i = 0; i < count; i++) {
            asks.add(sample.ask());
        }
        SampleMarket wanted = new SampleMarket(7);
        for (int i = 0; i < ORDERS; i++) {
            orders.add(wanted.demand());
        }
        this.postgres = new PostgresBook(socket);
        this.book = new Book(count);
    }

    /// Runs it and prints one line for each goal at the end.
    public static void main(String[] args) throws SQLException, IOException {
        List<String> goals = new ArrayList<>();
        for (int i = 1; i < args.length; i++) {
            int count = Integer.parseInt(args[i]);
            MarketBenchmark benchmark = new MarketBenchmark(args[0], count);
            goals.addAll(benchmark.run());
            benchmark.postgres.close();
        }
        goals.forEach(System.out::println);
    }

    private List<String> run() throws SQLException, IOException {
        System.out.printf(Locale.ROOT, "%,d asks%n", asks.size());
        build();
        int equal = compareWithOracle();
        match(ORDERS / 4);
        System.out.printf(Locale.ROOT, "  orders, our CPU: %s%n", match(ORDERS));
        long start = System.nanoTime();
        postgres.build(asks);
        System.out.printf(
                Locale.ROOT,
                "  PostgreSQL: built in %.1f s, %.0f MB%n",
                (System.nanoTime() - start) / 1e9,
                postgres.bytes() / 1e6);
        matchBoth(SHARED_ORDERS / 3, new Times(ORDERS), new Times(ORDERS));
        Times ours = new Times(ORDERS);
        Times theirs = new Times(ORDERS);
        matchBoth(SHARED_ORDERS, ours, theirs);
        System.out.printf(Locale.ROOT, "  the same %d orders, our CPU: %s%n", SHARED_ORDERS, ours);
        System.out.printf(
                Locale.ROOT, "  the same %d orders, PostgreSQL's CPU: %s%n", SHARED_ORDERS, theirs);
        double[] updates = updateBoth();
        System.out.printf(Locale.ROOT, "  updates a second of CPU: ours %,.0f%n", updates[0]);
        System.out.printf(
                Locale.ROOT,
                "  updates a second: PostgreSQL %,.0f, of its CPU %,.0f, 1000 in a commit%n",
                updates[1],
                updates[2]);
        return goals(equal, ours, theirs, updates);
    }

    private List<String> goals(int equal, Times ours, Times theirs, double[] updates) {
        String size = String.valueOf(asks.size());
        int compared = oracleOrders();
        List<String> goals = new ArrayList<>();
        goals.add(
                goal(
                        "market-oracle-" + size,
                        equal + "-of-" + compared + "-equal",
                        "all",
                        equal == compared));
        goals.add(
                goal(
                        "market-p99-" + size,
                        decimal(ours.millis(0.99)) + "-ms",
                        "<5-ms",
                        ours.millis(0.99) < 5));
        if (asks.size() >= 1_000_000) {
            double ratio = theirs.millis(0.99) / ours.millis(0.99);
            goals.add(goal("market-p99-postgresql-" + size, decimal(ratio), ">=100", ratio >= 100));
            double faster = updates[0] / updates[1];
            goals.add(goal("market-updates-" + size, decimal(faster), ">=40", faster >= 40));
        }
        return goals;
    }

    private static String goal(String name, String measured, String target, boolean passed) {
        return "goal " + name + " " + measured + " " + target + (passed ? " pass" : " fail");
    }

    private static String decimal(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    private void build() {
        long memory = usedBytes();
        long start = Times.cpuNanos();
        for (AskAttributes ask : asks) {
            book.add(ask, 1);
        }
        double seconds = (Times.cpuNanos() - start) / 1e9;
        System.out.printf(
                Locale.ROOT,
                "  built in %.2f s of CPU, %.0f MB%n",
                seconds,
                (usedBytes() - memory) / 1e6);
    }

    private static long usedBytes() {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private int oracleOrders() {
        return (int) Math.min(ORACLE_ORDERS_MAX, ORACLE_WORK / asks.size());
    }

    /// For how many orders the book finds what plain enumeration finds.
    private int compareWithOracle() {
        Scan scan = new Scan(asks);
        SampleMarket wanted = new SampleMarket(99);
        int equal = 0;
        for (int i = 0; i < oracleOrders(); i++) {
            Demand demand = wanted.demand();
            Picks picks = book.match(demand);
            List<Integer> found = new ArrayList<>();
            for (int j = 0; j < picks.size(); j++) {
                found.add(picks.ask(j));
            }
            equal += found.equals(scan.match(demand)) ? 1 : 0;
        }
        return equal;
    }

    private Times match(int count) {
        Times times = new Times(count);
        for (int i = 0; i < count; i++) {
            long start = Times.cpuNanos();
            book.match(orders.get(i));
            times.add(Times.cpuNanos() - start);
        }
        return times;
    }

    private void matchBoth(int count, Times ours, Times theirs) throws SQLException {
        for (int i = 0; i < count; i++) {
            long start = postgres.cpuNanos();
            postgres.match(orders.get(i));
            theirs.add(postgres.cpuNanos() - start);
            long own = Times.cpuNanos();
            book.match(orders.get(i));
            ours.add(Times.cpuNanos() - own);
        }
    }

    /// Updates a second: ours by CPU time, seven of ten a number, two whether it is free, one its
    /// price; PostgreSQL's by the clock and by its CPU time, a number only.
    private double[] updateBoth() throws SQLException {
        Random random = new Random(9);
        update(random, UPDATES / 4);
        double theirs = 0;
        double ours = 0;
        long cpu = postgres.cpuNanos();
        int rounds = POSTGRES_UPDATES / BATCH;
        for (int round = 0; round < rounds; round++) {
            int[] numbers = random.ints(BATCH, 0, asks.size()).toArray();
            int[] latencies = random.ints(BATCH, 5000, 155_000).toArray();
            long start = System.nanoTime();
            postgres.update(numbers, latencies);
            theirs += System.nanoTime() - start;
            ours += update(random, UPDATES / rounds);
        }
        double used = postgres.cpuNanos() - cpu;
        return new double[] {
            UPDATES / (ours / 1e9),
            POSTGRES_UPDATES / (theirs / 1e9),
            POSTGRES_UPDATES / (used / 1e9)
        };
    }

    private long update(Random random, int count) {
        long start = Times.cpuNanos();
        for (int i = 0; i < count; i++) {
            int ask = random.nextInt(asks.size());
            int kind = random.nextInt(10);
            if (kind < 7) {
                boolean latency = (kind & 1) == 0;
                book.setNumber(
                        ask,
                        latency ? Attribute.LATENCY : Attribute.UP,
                        latency ? 5000 + random.nextInt(150_000) : 1000 + random.nextInt(60_000));
            } else if (kind < 9) {
                book.setFree(ask, random.nextInt(2));
            } else {
                Credits price = asks.get(ask).pricePerHour();
                book.setNumber(
                        ask,
                        Attribute.PRICE,
                        (long) (price.nanos() * (0.9 + 0.2 * random.nextDouble())));
            }
        }
        return Times.cpuNanos() - start;
    }
}
