// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.market.Match;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.store.OrderTable;
import org.sparegrid.coordinator.store.SoughtTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.OrderState;
import org.sparegrid.protocol.market.Placement;

/// Orders that wait for machines. The most that such an order may cost is held; from the time on at
/// which it may start it does so as soon as all its machines can be had at once, and it is closed
/// when it has waited long enough.
final class OpenOrders {
    private static final System.Logger LOGGER = System.getLogger(OpenOrders.class.getName());

    /// Orders that wait at once, as every change of an offer is compared with each.
    private static final int WAITING_MAX = 10_000;

    /// Every so many ticks all are tried, as an hour of the week may have begun.
    private static final int SWEEP_TICKS = 5;

    private static final String OVER =
            "its machines could not be had at once in the time that it could wait";

    private final Exchange exchange;
    private final Displacement displacement;
    private final Seeking seeking;
    private final Bookings bookings;
    private int ticks;

    OpenOrders(Exchange exchange) {
        this.exchange = exchange;
        this.displacement = new Displacement(exchange);
        this.seeking = new Seeking(exchange);
        this.bookings = new Bookings(exchange);
    }

    /// The most that an order can cost.
    static Credits costMax(OrderSpec spec) {
        return spec.pricePerHourMax().perHourFor(spec.secondsMax()).times(spec.machines());
    }

    /// An order that couldn't be filled, or is to start later, waits from now on.
    void begin(Transaction tx, OrderTable.Row order, Effects effects) {
        if (tx.orders().inState(OrderState.OPEN).size() > WAITING_MAX) {
            throw new RefusedException(
                    Reason.CONFLICT, "too many orders wait for machines; try again later");
        }
        effects.opened(order.id(), forOne(order));
    }

    private static Demand forOne(OrderTable.Row order) {
        return Wishes.demand(order.spec(), 1, order.spec().placement().opens(order.created()));
    }

    /// Takes up what waited when the coordinator was stopped.
    void recover() {
        for (OrderTable.Row order : waiting()) {
            exchange.asks().await(order.id(), forOne(order));
        }
    }

    /// Starts the orders whose machines may have come since, oldest first, and closes those that
    /// have waited long enough.
    void tick() {
        ticks++;
        seeking.tick();
        boolean all = ticks % SWEEP_TICKS == 0;
        Set<OrderId> hopeful = new HashSet<>(exchange.asks().hopeful());
        if (!exchange.asks().isAwaited()) {
            return;
        }
        hopeful.addAll(exchange.read(tx -> tx.displacements().claimants()));
        displacement.lookAnew();
        for (OrderTable.Row order : waiting()) {
            Placement placement = order.spec().placement();
            if (!exchange.now().isBefore(placement.closes(order.created()))) {
                exchange.change((tx, effects, now) ->
                        close(tx, order.id(), EndReason.EXPIRED, OVER, effects, now));
            } else {
                boolean due = all || placement.reserved() || hopeful.contains(order.id());
                look(order, due);
            }
        }
    }

    /// Starts an order if it may start by now, and something is due or may have changed.
    private void look(OrderTable.Row order, boolean due) {
        Placement placement = order.spec().placement();
        if (placement.reserved()) {
            bookings.clear(order);
        }
        boolean opened = !exchange.now().isBefore(placement.opens(order.created()));
        if (due && opened && !(placement.reserved() && bookings.start(order))) {
            start(order);
        }
    }

    /// Starts an order if all its machines can be had.
    private void start(OrderTable.Row order) {
        Access access = exchange.read(tx -> access(tx, order, exchange.now()));
        Choice looked = Choice.look(exchange, order.spec(), access, exchange.now());
        if (looked.match().missing() == 0) {
            exchange.change((tx, effects, now) -> fill(tx, order.id(), looked, effects, now));
        } else {
            displacement.seek(order, access);
        }
    }

    private Access access(Transaction tx, OrderTable.Row order, Instant now) {
        OrderSpec spec = order.spec();
        Reach reach = Reach.of(exchange.settings(), spec.placement(), spec.secondsMax(), now);
        return Access.of(tx, order.account())
                .keeping(Displacement.kept(tx, order.id()))
                .reaching(reach.of(order.id()));
    }

    /// The orders that have not started yet.
    private List<OrderTable.Row> waiting() {
        return exchange.read(tx -> {
            Set<OrderId> sought =
                    tx.sought().all().stream()
                            .map(SoughtTable.Row::order)
                            .collect(Collectors.toSet());
            return tx.orders().inState(OrderState.OPEN).stream()
                    .filter(order -> !sought.contains(order.id()))
                    .toList();
        });
    }

    private boolean fill(Transaction tx, OrderId id, Choice looked, Effects effects, Instant now) {
        OrderTable.Row order = tx.orders().find(id).orElseThrow();
        if (order.state() != OrderState.OPEN) {
            return false;
        }
        Access access = access(tx, order, now);
        Choice choice = Choice.take(exchange, id, order.spec(), access, looked, now);
        if (choice.match().missing() > 0) {
            return false;
        }
        List<Match.Taken> slots = choice.match().slots();
        effects.took(
                slots.stream().filter(taken -> !access.kept().contains(taken.slot())).toList());
        Displacement.release(tx, id, slots.stream().map(Match.Taken::slot).toList(), effects, now);
        if (order.spec().placement().startAfterSeconds() > 0) {
            exchange.recent().note(order.spec(), choice.match(), now);
        }
        Leases.reserve(exchange, tx, order, choice, effects, now);
        tx.orders().change(id, OrderState.STARTING);
        effects.closed(id);
        effects.orderChanged(id);
        LOGGER.log(System.Logger.Level.INFO, () -> "order filled order=" + id);
        return true;
    }

    /// Ends an order that waits: its money goes back, but for what its buyer owes for bookings.
    boolean close(
            Transaction tx,
            OrderId id,
            EndReason reason,
            String why,
            Effects effects,
            Instant now) {
        OrderTable.Row order = tx.orders().find(id).orElseThrow();
        if (order.state() != OrderState.OPEN) {
            return false;
        }
        Displacement.release(tx, id, List.of(), effects, now);
        Bookings.cancel(exchange, tx, order, reason == EndReason.BUYER, effects, now);
        Credits held = tx.ledger().balance(Book.escrow(id, order.account()));
        Spending.release(tx, order, held, now);
        tx.networks().end(order.network());
        effects.networkChanged(order.network());
        tx.orders().explain(id, why);
        tx.orders().change(id, OrderState.CLOSED);
        effects.closed(id);
        effects.orderChanged(id);
        LOGGER.log(
                System.Logger.Level.INFO,
                () -> "order closed unfilled order=" + id + " cause=" + why);
        return true;
    }
}
