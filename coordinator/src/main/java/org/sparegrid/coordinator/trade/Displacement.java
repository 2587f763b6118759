// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.sparegrid.coordinator.market.Match;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.coordinator.store.DisplacementTable;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.OrderTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.LeaseEvent;
import org.sparegrid.protocol.market.LeaseState;
import org.sparegrid.protocol.market.OrderState;
import org.sparegrid.protocol.market.Placement;

/// Displaces interruptible machines for orders that wait and aren't interruptible.
///
/// As many machines as an order lacks are told when they end. None of them is ended unless with it
/// and the others the order finds all of its machines; then all are, and from the moment at which a
/// machine is over, its slot is kept for the order. When the order has started or is closed, slots
/// that it did not take are free again, and machines that still run go on. All of that stands in
/// the database, so that nothing is forgotten or done twice by whoever takes over.
final class Displacement {
    private static final System.Logger LOGGER = System.getLogger(Displacement.class.getName());

    /// What machines take to stop after their notice; an order that waits no longer displaces none.
    private static final Duration STOPPING = Duration.ofSeconds(30);

    /// How long after its end a notice stands that doesn't help the order: its seller's computer
    /// may only have lost its connection, as all have when the coordinator was started anew.
    private static final Duration FORBEARANCE = Duration.ofMinutes(2);

    private final Exchange exchange;

    /// What may be ended, as it was when the orders were gone through for the last time.
    private @Nullable List<DisplacementTable.Candidate> candidates;

    Displacement(Exchange exchange) {
        this.exchange = exchange;
    }

    /// All orders are about to be gone through.
    void lookAnew() {
        candidates = null;
    }

    private List<DisplacementTable.Candidate> candidates(Transaction tx) {
        List<DisplacementTable.Candidate> known = candidates;
        List<DisplacementTable.Candidate> now =
                known == null ? tx.displacements().candidates() : known;
        candidates = now;
        return now;
    }

    /// Whether an order may displace others.
    static boolean mayDisplace(Placement placement) {
        return !placement.interruptible() && placement.reliability() == 0;
    }

    /// The slots that are kept for an order and free by now.
    static List<SlotId> kept(Transaction tx, OrderId order) {
        return tx.displacements().of(order).stream()
                .filter(DisplacementTable.Row::isOver)
                .map(DisplacementTable.Row::slot)
                .toList();
    }

    /// What stands of an order's displacements.
    ///
    /// @param coming slots whose machines are over or being stopped
    /// @param candidates what may be ended besides
    private record Standing(
            List<SlotId> coming,
            List<DisplacementTable.Row> noticed,
            List<DisplacementTable.Candidate> candidates) {
        static Standing of(
                Transaction tx, OrderId order, List<DisplacementTable.Candidate> candidates) {
            List<DisplacementTable.Row> rows = tx.displacements().of(order);
            return new Standing(
                    rows.stream()
                            .filter(row -> row.isOver() || row.state() == LeaseState.STOPPING)
                            .map(DisplacementTable.Row::slot)
                            .toList(),
                    rows.stream().filter(DisplacementTable.Row::mayBeEnded).toList(),
                    candidates);
        }
    }

    /// Does what is due for an order that waits and finds too little: tells machines that they end,
    /// ends those whose time has come, or lets all go on if they would not help it.
    void seek(OrderTable.Row order, Access access) {
        if (!mayDisplace(order.spec().placement())) {
            return;
        }
        Standing standing = exchange.read(tx -> Standing.of(tx, order.id(), candidates(tx)));
        if (standing.coming.isEmpty()
                && standing.noticed.isEmpty()
                && standing.candidates.isEmpty()) {
            return;
        }
        Instant now = exchange.now();
        Demand demand = access.limit(Wishes.demand(order.spec(), order.spec().machines(), now));
        Match free = exchange.asks().match(demand, access.keeping(standing.coming));
        if (free.missing() == 0) {
            return;
        }
        List<Victims.Candidate> noticed = noticed(order, standing, access);
        List<Victims.Candidate> enough = choose(demand, access, standing, free, noticed);
        if (!enough.isEmpty()) {
            end(order, standing, enough, now);
            return;
        }
        List<Victims.Candidate> all = new ArrayList<>(noticed);
        all.addAll(others(exchange, order.account()::equals, standing.candidates, access));
        List<Victims.Candidate> chosen = choose(demand, access, standing, free, all);
        Instant endsAt = now.plus(exchange.settings().interruptionNotice());
        boolean late =
                endsAt.plus(STOPPING).isAfter(order.spec().placement().closes(order.created()));
        if (chosen.isEmpty() || late) {
            abandon(order.id());
        } else {
            giveNotice(order, chosen, endsAt);
        }
    }

    /// How many more machines could be had if these interruptible ones were displaced.
    static int possible(
            Exchange exchange,
            List<DisplacementTable.Candidate> interruptible,
            Demand demand,
            Access access) {
        if (interruptible.isEmpty()) {
            return 0;
        }
        Match free = exchange.asks().match(demand, access);
        return Victims.choose(demand, free, others(exchange, _ -> false, interruptible, access))
                .size();
    }

    /// Machines after whose end the order finds all of its own, or none.
    private List<Victims.Candidate> choose(
            Demand demand,
            Access access,
            Standing standing,
            Match free,
            List<Victims.Candidate> candidates) {
        List<Victims.Candidate> chosen = Victims.choose(demand, free, candidates);
        List<SlotId> slots =
                Stream.concat(
                                standing.coming.stream(),
                                chosen.stream().map(Victims.Candidate::slot))
                        .toList();
        boolean enough =
                chosen.size() == free.missing()
                        && exchange.asks().match(demand, access.keeping(slots)).missing() == 0;
        return enough ? chosen : List.of();
    }

    private List<Victims.Candidate> noticed(
            OrderTable.Row order, Standing standing, Access access) {
        List<Victims.Candidate> candidates = new ArrayList<>();
        exchange.asks()
                .offersIn(
                        standing.noticed.stream().map(DisplacementTable.Row::slot).toList(), access)
                .forEach((slot, offer) ->
                        standing.noticed.stream()
                                .filter(row -> row.slot().equals(slot))
                                .map(row ->
                                        new Victims.Candidate(
                                                row.lease(),
                                                slot,
                                                false,
                                                true,
                                                order.created(),
                                                offer))
                                .forEach(candidates::add));
        return candidates;
    }

    private static List<Victims.Candidate> others(
            Exchange exchange,
            Predicate<AccountId> own,
            List<DisplacementTable.Candidate> candidates,
            Access access) {
        Map<SlotId, DisplacementTable.Candidate> bySlot = new HashMap<>();
        candidates.forEach(each -> bySlot.put(each.slot(), each));
        List<Victims.Candidate> others = new ArrayList<>();
        exchange.asks()
                .offersIn(bySlot.keySet(), access)
                .forEach((slot, offer) ->
                        Optional.ofNullable(bySlot.get(slot))
                                .map(each ->
                                        new Victims.Candidate(
                                                each.lease(),
                                                slot,
                                                own.test(each.buyer()),
                                                false,
                                                each.created(),
                                                offer))
                                .ifPresent(others::add));
        return others;
    }

    private void giveNotice(OrderTable.Row order, List<Victims.Candidate> chosen, Instant endsAt) {
        exchange.change((tx, effects, now) -> {
            if (!isOpen(tx, order.id())) {
                return false;
            }
            for (Victims.Candidate each : chosen) {
                tell(tx, each.lease(), order.id(), endsAt, effects, now);
            }
            return true;
        });
    }

    /// Tells a machine when it ends, unless it is ending or was told already.
    static void tell(
            Transaction tx,
            LeaseId lease,
            OrderId claimant,
            Instant end,
            Effects effects,
            Instant now) {
        Instant endsAt = end.truncatedTo(ChronoUnit.MILLIS);
        LeaseTable.Row row = tx.leases().find(lease).orElseThrow();
        if (!mayEnd(row) || tx.displacements().isKept(lease)) {
            return;
        }
        tx.displacements().insert(lease, row.slot(), claimant, endsAt);
        note(tx, row, "ends at " + endsAt + ", displaced by a firm order", now);
        Leases.touchOrder(tx, row, effects);
        LOGGER.log(
                System.Logger.Level.INFO,
                () -> "lease is to end lease=" + lease + " order=" + claimant);
    }

    /// Ends these machines if the time of all of them has come.
    private void end(
            OrderTable.Row order, Standing standing, List<Victims.Candidate> chosen, Instant now) {
        Map<LeaseId, Instant> ends = new HashMap<>();
        standing.noticed.forEach(row -> ends.put(row.lease(), row.endsAt()));
        if (chosen.stream()
                .anyMatch(each -> now.isBefore(ends.getOrDefault(each.lease(), Instant.MAX)))) {
            return;
        }
        exchange.change((tx, effects, at) -> {
            if (!isOpen(tx, order.id())) {
                return false;
            }
            for (Victims.Candidate each : chosen) {
                LeaseTable.Row row = tx.leases().find(each.lease()).orElseThrow();
                Leases.stop(
                        exchange,
                        tx,
                        row,
                        EndReason.PREEMPTED,
                        "a firm order displaced this interruptible machine",
                        effects,
                        at);
            }
            return true;
        });
    }

    /// Gives up what does not help an order.
    private void abandon(OrderId order) {
        Instant ended = exchange.now().minus(FORBEARANCE);
        List<DisplacementTable.Row> rows = exchange.read(tx -> tx.displacements().of(order));
        if (rows.isEmpty() || rows.stream().anyMatch(row -> row.endsAt().isAfter(ended))) {
            return;
        }
        exchange.change((tx, effects, now) -> {
            release(tx, order, List.of(), effects, now);
            return true;
        });
    }

    /// An order needs nothing more: it has started or is closed, or can't be helped.
    ///
    /// @param taken the slots that it got
    static void release(
            Transaction tx, OrderId order, Collection<SlotId> taken, Effects effects, Instant now) {
        for (DisplacementTable.Row row : tx.displacements().of(order)) {
            tx.displacements().delete(row.lease());
            if (row.isOver() && !taken.contains(row.slot())) {
                effects.released(row.slot());
            } else if (row.mayBeEnded()) {
                LeaseTable.Row lease = tx.leases().find(row.lease()).orElseThrow();
                note(tx, lease, "goes on: the firm order does without it", now);
                Leases.touchOrder(tx, lease, effects);
            }
        }
    }

    private static boolean isOpen(Transaction tx, OrderId order) {
        return tx.orders().find(order).filter(row -> row.state() == OrderState.OPEN).isPresent();
    }

    private static boolean mayEnd(LeaseTable.Row row) {
        LeaseState state = row.status().state();
        return state.isLive() && state != LeaseState.STOPPING;
    }

    private static void note(Transaction tx, LeaseTable.Row row, String detail, Instant now) {
        tx.leases().addEvent(row.id(), new LeaseEvent(now, row.status().state(), detail));
    }
}
