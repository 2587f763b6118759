// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.benchmarks.simulation;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.sparegrid.coordinator.market.Constraint;
import org.sparegrid.coordinator.market.Constraints;
import org.sparegrid.coordinator.market.Nodes;
import org.sparegrid.coordinator.market.SlotAsk;
import org.sparegrid.coordinator.market.book.Book;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.coordinator.market.book.Picks;
import org.sparegrid.coordinator.market.book.Shortlist;
import org.sparegrid.coordinator.market.formula.Reliability;
import org.sparegrid.coordinator.market.formula.VirtualNode;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.Placement;

/// A market in virtual time. The people are made up: when owners leave their computers alone, when
/// buyers order what at which price, how sellers change their prices. What the market does is the
/// coordinator's own code: the book and its search, the list of candidates, the choice of replicas,
/// and what records and watched hours let it believe.
final class Simulation {
    /// The reliabilities that are asked for.
    static final double[] RELIABILITIES = {0.8, 0.9, 0.95, 0.99, 0.999};

    private static final int STEPS = 12;
    private static final int STEP_MINUTES = 60 / STEPS;
    private static final int WEEK_HOURS = 168;
    private static final Instant START = Instant.parse("2026-01-05T00:00:00Z");
    private static final int HOURS_MAX = 6;
    private static final double NANOS = 1e9;

    /// The machines that buyers want at once, on average, for each seller.
    private static final double WANTED = 0.36;

    private static final double HOURS_MEAN = 5;

    private final Setting setting;
    private final Random random;
    private final Sellers sellers;
    private final Book book;
    private final Results results = new Results(RELIABILITIES);
    private final boolean[] idle;
    private final @Nullable Lease[] leases;
    private final int[] leasedSteps;
    private final int[] idleSteps;
    private final List<List<Lease>> ending = new ArrayList<>();
    private final List<List<Integer>> changing = new ArrayList<>();
    private int step;
    private int idleNow;
    private int leasedNow;

    /// How large it is.
    ///
    /// @param seed of all that is drawn
    /// @param sellers computers
    /// @param weeks how long
    /// @param nodes of each reliability in one order; there is one order an hour of each
    /// @param learning hours at the begin that don't count for the results, as nobody is known
    record Setting(long seed, int sellers, int weeks, int nodes, int learning) {}

    /// One machine of a buyer.
    private static final class Lease {
        final int seller;
        final int began;
        final int end;
        final @Nullable Node node;

        Lease(int seller, int began, int end, @Nullable Node node) {
            this.seller = seller;
            this.began = began;
            this.end = end;
            this.node = node;
        }
    }

    /// A node of several machines.
    private static final class Node {
        final Results.Level level;
        final boolean counts;
        int alive;
        boolean done;

        Node(Results.Level level, boolean counts, int alive) {
            this.level = level;
            this.counts = counts;
            this.alive = alive;
        }
    }

    Simulation(Setting setting) {
        this.setting = setting;
        this.random = new Random(setting.seed());
        this.sellers = new Sellers(setting.sellers(), random);
        this.book = new Book(setting.sellers());
        this.idle = new boolean[setting.sellers()];
        this.leases = new @Nullable Lease[setting.sellers()];
        this.leasedSteps = new int[setting.sellers()];
        this.idleSteps = new int[setting.sellers()];
        for (int i = 0; i <= setting.weeks() * WEEK_HOURS * STEPS; i++) {
            ending.add(List.of());
        }
        for (int i = 0; i < STEPS; i++) {
            changing.add(new ArrayList<>());
        }
        for (int i = 0; i < setting.sellers(); i++) {
            int number = book.add(sellers.attributes(i), 0);
            if (number != i) {
                throw new IllegalStateException("the book numbers asks otherwise");
            }
        }
    }

    Results run() {
        for (int hour = 0; hour < setting.weeks() * WEEK_HOURS; hour++) {
            hour(hour);
        }
        return results;
    }

    private void hour(int hour) {
        changing.forEach(List::clear);
        for (int seller = 0; seller < sellers.count(); seller++) {
            comeAndGo(seller, hour);
            // Each looks at its price once a day.
            if ((seller + hour) % 24 == 0) {
                reprice(seller);
            }
        }
        double idleSum = 0;
        double leasedSum = 0;
        Tally tally = new Tally();
        for (int part = 0; part < STEPS; part++) {
            changing.get(part).forEach(this::toggle);
            orders(hour, tally);
            if (part < RELIABILITIES.length) {
                orderNodes(hour, results.levels().get(part));
            }
            idleSum += idleNow;
            leasedSum += leasedNow;
            step++;
            endLeases();
        }
        results.add(
                new Results.Hour(
                        idleSum / STEPS,
                        leasedSum / STEPS,
                        tally.wanted,
                        tally.refused,
                        tally.prices.quantile(0.1),
                        tally.prices.quantile(0.5),
                        tally.prices.quantile(0.9)));
    }

    /// What was ordered in an hour.
    private static final class Tally {
        private final Results.Prices prices = new Results.Prices();
        private long wanted;
        private long refused;
    }

    private void comeAndGo(int seller, int hour) {
        long minute = hour * 60L;
        boolean now = sellers.isIdle(seller, minute);
        if (now != idle[seller]) {
            toggle(seller);
        }
        if (now != sellers.isIdle(seller, minute + 59)) {
            int part = sellers.change(seller, hour) / STEP_MINUTES;
            if (part > 0) {
                changing.get(part).add(seller);
            } else {
                toggle(seller);
            }
        }
    }

    private void toggle(int seller) {
        idle[seller] = !idle[seller];
        if (idle[seller]) {
            idleNow++;
            idleSteps[seller] -= step;
            book.setFree(seller, 1);
            return;
        }
        idleNow--;
        idleSteps[seller] += step;
        Lease lease = leases[seller];
        if (lease != null) {
            end(lease, true);
        }
        book.setFree(seller, 0);
    }

    /// Who sold little asks for less, who sold nearly all asks for more.
    private void reprice(int seller) {
        int there = idleSteps[seller] + (idle[seller] ? step : 0);
        Lease lease = leases[seller];
        int sold = leasedSteps[seller] + (lease == null ? 0 : step - lease.began);
        if (there > 0) {
            double share = (double) sold / there;
            double factor = share > 0.7 ? 1.04 : share < 0.3 ? 0.96 : 1;
            if (factor != 1 && sellers.reprice(seller, factor)) {
                book.setNumber(seller, Attribute.PRICE, sellers.price(seller));
            }
        }
        idleSteps[seller] = idle[seller] ? -step : 0;
        leasedSteps[seller] = lease == null ? 0 : lease.began - step;
    }

    private void endLeases() {
        for (Lease lease : ending.get(step)) {
            if (leases[lease.seller] == lease) {
                end(lease, step < lease.end);
            }
        }
        ending.set(step, List.of());
    }

    private void begin(int seller, int length, @Nullable Node node) {
        double hours = sellers.hoursBetweenLosses(seller) * -Math.log(1 - random.nextDouble());
        int end = step + length;
        int lost = (int) Math.min(end, step + 1 + Math.floor(hours * STEPS));
        Lease lease = new Lease(seller, step, end, node);
        leases[seller] = lease;
        leasedNow++;
        book.setFree(seller, 0);
        if (lost < ending.size()) {
            if (ending.get(lost).isEmpty()) {
                ending.set(lost, new ArrayList<>());
            }
            ending.get(lost).add(lease);
        }
    }

    private void end(Lease lease, boolean wasLost) {
        int seller = lease.seller;
        leases[seller] = null;
        leasedNow--;
        leasedSteps[seller] += step - lease.began;
        int nines = sellers.ended(seller, (double) (step - lease.began) / STEPS, wasLost);
        book.setNumber(seller, Attribute.RELIABILITY, nines);
        if (idle[seller]) {
            book.setFree(seller, 1);
        }
        Node node = lease.node;
        if (node != null && !node.done) {
            node.alive--;
            if (!wasLost || node.alive == 0) {
                node.done = true;
                node.level.ended += node.counts ? 1 : 0;
                node.level.kept += node.counts && !wasLost ? 1 : 0;
            }
        }
    }

    /// The orders of one step. More is wanted in the working hours of Europe and America.
    private void orders(int hour, Tally tally) {
        int ofDay = hour % 24;
        boolean weekend = hour % WEEK_HOURS >= 120;
        double rhythm = 1 + 0.45 * Math.cos((ofDay - 15) * Math.PI / 12);
        double mean =
                WANTED * sellers.count() * rhythm * (weekend ? 0.7 : 1.1) / HOURS_MEAN / STEPS;
        double left = mean * Math.exp(0.2 * random.nextGaussian() - 0.02);
        while (left >= 1 || random.nextDouble() < left) {
            int most = Math.max(1, Math.min(256, sellers.count() / 100));
            int machines = (int) Math.exp(random.nextDouble() * Math.log(most + 1.0));
            order(machines, tally);
            left -= machines;
        }
    }

    private void order(int machines, Tally tally) {
        int[] sizes = {2, 2, 2, 4, 4, 8};
        int cores = sizes[random.nextInt(sizes.length)];
        double worth = 0.016 * cores * Math.exp(0.6 * random.nextGaussian());
        int length =
                (int) Math.clamp(-Math.log(1 - random.nextDouble()) * HOURS_MEAN * STEPS, 3, 2016);
        Picks picks =
                book.match(Demand.of(machines, size(cores), new Credits((long) (worth * NANOS))));
        tally.wanted += machines;
        if (picks.missing() > 0) {
            tally.refused += machines;
            return;
        }
        int[] chosen = new int[picks.size()];
        for (int i = 0; i < chosen.length; i++) {
            chosen[i] = picks.ask(i);
        }
        for (int seller : chosen) {
            tally.prices.add(sellers.price(seller) / NANOS / sellers.cores(seller), 1);
            begin(seller, length, null);
        }
    }

    private static Constraints size(int cores) {
        return Constraints.of(
                Constraint.Range.atLeast(Attribute.CORES, cores),
                Constraint.Range.atLeast(Attribute.MEMORY, cores * 2048L));
    }

    /// One order of nodes of a reliability, as the coordinator makes them.
    private void orderNodes(int hour, Results.Level level) {
        Duration length = Duration.ofHours(1 + random.nextInt(HOURS_MAX));
        Instant now = START.plusSeconds(60L * STEP_MINUTES * step);
        int steps = (int) length.toMinutes() / STEP_MINUTES;
        Constraints wanted = size(2);
        List<Nodes.Candidate> candidates =
                Shortlist.of(book, wanted, setting.nodes(), 0).stream()
                        .map(number -> candidate(sellers.offer(number, hour), now, length))
                        .toList();
        boolean counts = hour >= setting.learning() && step + steps < ending.size();
        List<VirtualNode<Nodes.Candidate>> nodes =
                Nodes.choose(
                        candidates,
                        setting.nodes(),
                        new Reliability(level.asked),
                        new Credits((long) (2 * NANOS)),
                        new Placement(0, 0, 0, false, false, false, 0, 0, level.asked)
                                .replicasMax(setting.nodes()));
        level.ordered += counts ? setting.nodes() : 0;
        for (VirtualNode<Nodes.Candidate> chosen : nodes) {
            Node node = new Node(level, counts, chosen.replicas().size());
            chosen.replicas()
                    .forEach(replica -> begin(Sellers.number(replica.what().ask()), steps, node));
            if (counts) {
                level.made++;
                level.machines += chosen.replicas().size();
                level.believed += chosen.reliability().probability();
                level.price += chosen.pricePerHour().nanos() / NANOS;
            }
        }
    }

    private static Nodes.Candidate candidate(SlotAsk offer, Instant now, Duration length) {
        return new Nodes.Candidate(
                offer, offer.known().over(now, length), offer.ask().pricePerHour());
    }
}
