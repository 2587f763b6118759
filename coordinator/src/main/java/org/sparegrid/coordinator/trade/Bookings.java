// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.ledger.Transfers;
import org.sparegrid.coordinator.market.Match;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.store.BookingTable;
import org.sparegrid.coordinator.store.DisplacementTable;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.OrderTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.market.Booking;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.OrderState;

/// Binds machines to orders that start later, and hands them over when it is time.
///
/// A slot that is bound is not given to a firm machine whose time reaches into the booking's, and
/// an interruptible one is told in time that it ends. If a seller isn't there at the start, another
/// machine is sought and that counts as a promise that it broke; if a machine has the slot still
/// that was to be gone, nobody is blamed.
final class Bookings {
    private static final System.Logger LOGGER = System.getLogger(Bookings.class.getName());

    /// Until so long before its start an order with bookings can be stopped for nothing.
    static final Duration FREE_UNTIL = Duration.ofHours(1);

    /// Whoever stops it later pays each machine for so many seconds, or for all if there are fewer.
    static final long CHARGED_SECONDS_MAX = 600;

    /// How long after the start a seller may be missing, as when the coordinator was started anew.
    private static final Duration GRACE = Duration.ofSeconds(60);

    /// Machines that are bound at once, as each firm order looks at all of them.
    static final int BOUND_MAX = 1_000;

    /// A computer that was there for less than that in some hour of the week isn't bound for it.
    private static final double SHARE_LEAST = 0.5;

    /// Computers that are usually away are passed over so many times.
    private static final int ROUNDS_MAX = 16;

    private final Exchange exchange;

    Bookings(Exchange exchange) {
        this.exchange = exchange;
    }

    /// What of the market can be bound to an order.
    static Access access(
            Exchange exchange, Transaction tx, OrderSpec spec, Access rules, Instant begins) {
        Duration slack = exchange.settings().bootTimeout();
        Access all =
                rules.keeping(tx.bookings().freeBy(begins, slack))
                        .reaching(
                                new Reach(
                                        begins,
                                        begins.plus(slack).plusSeconds(spec.secondsMax()),
                                        ""));
        return present(exchange, spec, all, begins);
    }

    /// Without computers that are usually away in some hour of that time.
    private static Access present(
            Exchange exchange, OrderSpec spec, Access access, Instant begins) {
        Demand demand = access.limit(Wishes.demand(spec, spec.machines(), begins));
        Duration length = Duration.ofSeconds(spec.secondsMax());
        Access rest = access;
        for (int round = 0; round < ROUNDS_MAX; round++) {
            Set<SellerId> away =
                    exchange.asks().match(demand, rest).slots().stream()
                            .map(Match.Taken::from)
                            .filter(ask ->
                                    ask.known().presence().least(begins, length) < SHARE_LEAST)
                            .map(ask -> ask.seller())
                            .collect(Collectors.toSet());
            if (away.isEmpty()) {
                return rest;
            }
            rest = rest.without(away);
        }
        return rest;
    }

    /// Binds all machines of an order, or refuses it.
    static void bind(
            Exchange exchange,
            Transaction tx,
            OrderTable.Row order,
            Access rules,
            Effects effects,
            Instant now) {
        OrderSpec spec = order.spec();
        if (tx.bookings().count() + spec.machines() > BOUND_MAX) {
            throw new RefusedException(
                    Reason.CONFLICT,
                    "only " + BOUND_MAX + " machines can be bound at once; try again later");
        }
        Instant begins = spec.placement().opens(order.created());
        Access access = access(exchange, tx, spec, rules, begins);
        Demand demand = access.limit(Wishes.demand(spec, spec.machines(), begins));
        Match match = exchange.asks().book(order.id(), demand, access);
        if (match.missing() > 0) {
            throw new RefusedException(
                    Reason.NO_MATCH,
                    "%d of %d machines can be bound for that time"
                            .formatted(match.slots().size(), spec.machines()),
                    List.of("leave out the reservation to wait for machines from then on"));
        }
        match.slots().forEach(taken -> effects.booked(order.id(), taken.slot()));
        for (int rank = 0; rank < match.slots().size(); rank++) {
            Match.Taken taken = match.slots().get(rank);
            tx.bookings()
                    .insert(
                            new BookingTable.Row(
                                    order.id(),
                                    rank,
                                    taken.slot(),
                                    taken.from().ask().name(),
                                    taken.from().ask().pricePerHour(),
                                    taken.from().ask().traits().networkFeePerGigabyte(),
                                    access.reach().from(),
                                    access.reach().to(),
                                    Booking.State.BOUND,
                                    Credits.ZERO));
        }
        LOGGER.log(
                System.Logger.Level.INFO,
                () -> "machines bound order=" + order.id() + " count=" + spec.machines());
    }

    /// What is bound, for the book.
    static List<BookedSlots.Span> spans(Transaction tx) {
        return tx.bookings().bound().stream()
                .map(row -> new BookedSlots.Span(row.slot(), row.order(), row.begins(), row.ends()))
                .toList();
    }

    private static List<BookingTable.Row> bound(Transaction tx, OrderId order) {
        return tx.bookings().of(order).stream()
                .filter(row -> row.state() == Booking.State.BOUND)
                .toList();
    }

    /// Tells machines that are in the way when they end, and ends them when it is time.
    void clear(OrderTable.Row order) {
        Instant begins = order.spec().placement().opens(order.created());
        Duration notice = exchange.settings().interruptionNotice();
        if (exchange.now().isBefore(begins.minus(notice))) {
            return;
        }
        List<BookingTable.InTheWay> inTheWay =
                exchange.read(tx -> tx.bookings().inTheWay(order.id()));
        if (!inTheWay.isEmpty()) {
            exchange.change((tx, effects, now) -> {
                Instant soonest = now.plus(notice);
                Instant endsAt = soonest.isAfter(begins) ? soonest : begins;
                for (BookingTable.InTheWay each : inTheWay) {
                    Displacement.tell(tx, each.lease(), order.id(), endsAt, effects, now);
                }
                return true;
            });
        }
        endDue(order.id());
    }

    private void endDue(OrderId order) {
        List<DisplacementTable.Row> due =
                exchange.read(tx -> tx.displacements().of(order)).stream()
                        .filter(row -> row.mayBeEnded() && !exchange.now().isBefore(row.endsAt()))
                        .toList();
        if (due.isEmpty()) {
            return;
        }
        exchange.change((tx, effects, now) -> {
            for (DisplacementTable.Row row : due) {
                LeaseTable.Row lease = tx.leases().find(row.lease()).orElseThrow();
                Leases.stop(
                        exchange,
                        tx,
                        lease,
                        EndReason.PREEMPTED,
                        "its slot was bound to another order from now on",
                        effects,
                        now);
            }
            return true;
        });
    }

    /// Starts an order whose time has come, if all its machines can be had.
    ///
    /// @return whether any machine is bound to it; otherwise it is as any that waits
    boolean start(OrderTable.Row order) {
        List<BookingTable.Row> bound = exchange.read(tx -> bound(tx, order.id()));
        if (bound.isEmpty()) {
            return false;
        }
        List<SlotId> kept = exchange.read(tx -> Displacement.kept(tx, order.id()));
        Set<SlotId> there =
                exchange.asks().there(bound.stream().map(BookingTable.Row::slot).toList(), kept);
        List<BookingTable.Row> lacking =
                bound.stream().filter(row -> !there.contains(row.slot())).toList();
        if (lacking.isEmpty()) {
            exchange.change((tx, effects, now) -> fill(tx, order.id(), effects, now));
        } else if (!isComing(order.id(), lacking)) {
            exchange.change((tx, effects, now) -> giveUp(tx, lacking, effects, now));
        }
        return true;
    }

    /// Whether what lacks may still come.
    private boolean isComing(OrderId order, List<BookingTable.Row> lacking) {
        Set<SlotId> ending =
                exchange.read(tx -> tx.displacements().of(order)).stream()
                        .filter(row -> !row.isOver())
                        .map(DisplacementTable.Row::slot)
                        .filter(slot -> exchange.asks().find(slot.seller()).isPresent())
                        .collect(Collectors.toSet());
        Instant latest = lacking.getFirst().begins().plus(GRACE);
        return exchange.now().isBefore(latest)
                || lacking.stream().anyMatch(row -> ending.contains(row.slot()));
    }

    private boolean giveUp(
            Transaction tx, List<BookingTable.Row> lacking, Effects effects, Instant now) {
        for (BookingTable.Row row : lacking) {
            SellerId seller = row.slot().seller();
            boolean away = exchange.asks().find(seller).isEmpty();
            Booking.State state = away ? Booking.State.BROKEN : Booking.State.BUSY;
            tx.bookings().end(row.order(), row.rank(), state, Credits.ZERO);
            effects.unbooked(row.order(), row.slot());
            if (away) {
                tx.sellerDays().breakPromise(seller, now);
                effects.judged(seller);
            }
            LOGGER.log(
                    System.Logger.Level.INFO,
                    () ->
                            "booked machine lacks order="
                                    + row.order()
                                    + " seller="
                                    + seller
                                    + " cause="
                                    + state);
        }
        OrderId order = lacking.getFirst().order();
        tx.orders().change(order, OrderState.OPEN);
        effects.orderChanged(order);
        return true;
    }

    private boolean fill(Transaction tx, OrderId id, Effects effects, Instant now) {
        OrderTable.Row order = tx.orders().find(id).orElseThrow();
        List<BookingTable.Row> bound = bound(tx, id);
        if (order.state() != OrderState.OPEN || bound.isEmpty()) {
            return false;
        }
        OrderSpec spec = order.spec();
        Reach reach =
                Reach.of(exchange.settings(), spec.placement(), spec.secondsMax(), now).of(id);
        Access access =
                Access.of(tx, order.account()).keeping(Displacement.kept(tx, id)).reaching(reach);
        int more = spec.machines() - bound.size();
        Demand demand = access.limit(Wishes.demand(spec, Math.max(1, more), now));
        List<SlotId> slots = bound.stream().map(BookingTable.Row::slot).toList();
        Match match = exchange.asks().takeBooked(id, slots, more, demand, access);
        if (match.missing() > 0) {
            return false;
        }
        effects.took(
                match.slots().stream()
                        .filter(taken -> !access.kept().contains(taken.slot()))
                        .toList());
        Displacement.release(
                tx, id, match.slots().stream().map(Match.Taken::slot).toList(), effects, now);
        for (BookingTable.Row row : bound) {
            tx.bookings().end(id, row.rank(), Booking.State.TAKEN, Credits.ZERO);
            effects.unbooked(id, row.slot());
        }
        Leases.reserve(exchange, tx, order, choice(spec, bound, match), effects, now);
        tx.orders().change(id, OrderState.STARTING);
        effects.closed(id);
        effects.orderChanged(id);
        LOGGER.log(System.Logger.Level.INFO, () -> "booked machines taken order=" + id);
        return true;
    }

    /// Booked machines keep their ranks and agreed prices; the others get the ranks that are left.
    private static Choice choice(OrderSpec spec, List<BookingTable.Row> bound, Match match) {
        Set<Integer> free = new HashSet<>(IntStream.range(0, spec.machines()).boxed().toList());
        List<Integer> ranks = new ArrayList<>();
        List<Match.Taken> taken = new ArrayList<>();
        for (int i = 0; i < bound.size(); i++) {
            BookingTable.Row row = bound.get(i);
            ranks.add(row.rank());
            free.remove(row.rank());
            Match.Taken slot = match.slots().get(i);
            taken.add(
                    new Match.Taken(
                            slot.slot(), slot.from().at(row.pricePerHour(), row.feePerGigabyte())));
        }
        taken.addAll(match.slots().subList(bound.size(), match.slots().size()));
        free.stream().sorted().forEach(ranks::add);
        return new Choice(new Match(taken, 0), ranks, List.of(), Weighed.NOTHING);
    }

    /// An order that has not started is closed: its machines are bound no longer. If its buyer
    /// stops it too late, their sellers, as far as they are there, are paid for some minutes.
    static void cancel(
            Exchange exchange,
            Transaction tx,
            OrderTable.Row order,
            boolean byBuyer,
            Effects effects,
            Instant now) {
        Credits held = tx.ledger().balance(Book.escrow(order.id(), order.account()));
        for (BookingTable.Row row : bound(tx, order.id())) {
            SellerId seller = row.slot().seller();
            boolean due =
                    byBuyer
                            && !now.isBefore(row.begins().minus(FREE_UNTIL))
                            && exchange.asks().find(seller).isPresent();
            Credits charge = due ? charge(row, order.spec(), held) : Credits.ZERO;
            held = held.minus(charge);
            Transfers.cancel(
                            order.id(),
                            row.rank(),
                            order.account(),
                            tx.sellers().owner(seller).orElseThrow(),
                            charge)
                    .ifPresent(transfer -> tx.ledger().post(transfer, now));
            tx.bookings().end(order.id(), row.rank(), Booking.State.CANCELLED, charge);
            effects.unbooked(order.id(), row.slot());
        }
    }

    private static Credits charge(BookingTable.Row row, OrderSpec spec, Credits held) {
        Credits price =
                row.pricePerHour().perHourFor(Math.min(spec.secondsMax(), CHARGED_SECONDS_MAX));
        return price.compareTo(held) < 0 ? price : held;
    }
}
