// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.sparegrid.coordinator.market.Match;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.OrderTable;
import org.sparegrid.coordinator.store.SoughtTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.market.EndReason;

/// Seeks machines anew that were displaced, for orders that wait for machines: as long as they wait
/// before they start, and for the time that the displaced ones had left. Meanwhile the order's
/// money stays held.
final class Seeking {
    private static final System.Logger LOGGER = System.getLogger(Seeking.class.getName());

    /// For less time than that it is not worth a machine's start.
    private static final long SECONDS_MIN = 60;

    /// Every so many ticks all are tried.
    private static final int SWEEP_TICKS = 5;

    private final Exchange exchange;
    private int ticks;

    Seeking(Exchange exchange) {
        this.exchange = exchange;
    }

    /// A machine has just ended.
    static void begin(Transaction tx, LeaseTable.Row ended, Instant now) {
        boolean displaced =
                !ended.status().state().isLive()
                        && ended.status().reason().filter(EndReason.PREEMPTED::equals).isPresent();
        if (!displaced) {
            return;
        }
        OrderTable.Row order = tx.orders().find(ended.order()).orElseThrow();
        long waiting = order.spec().placement().waitSecondsMax();
        long ran = ended.status().ran() ? ended.meter().billedSeconds() : 0;
        long rest = ended.secondsMax() - ran;
        if (waiting > 0 && rest >= SECONDS_MIN && order.reason().isEmpty()) {
            tx.sought()
                    .insert(
                            new SoughtTable.Row(
                                    order.id(), ended.rank(), rest, now.plusSeconds(waiting)));
        }
    }

    /// Whatever an order seeks is given up.
    static void giveUp(
            Exchange exchange, Transaction tx, OrderId order, Effects effects, Instant now) {
        if (tx.sought().delete(order)) {
            Leases.refreshOrder(exchange, tx, last(tx, order), effects, now);
        }
    }

    /// The machine of that lease is not sought any longer.
    static void giveUp(
            Exchange exchange, Transaction tx, LeaseTable.Row lease, Effects effects, Instant now) {
        if (!lease.status().state().isLive() && tx.sought().delete(lease.order(), lease.rank())) {
            Leases.refreshOrder(exchange, tx, lease, effects, now);
        }
    }

    /// Sees whether machines have come.
    void tick() {
        ticks++;
        for (SoughtTable.Row row : exchange.read(tx -> tx.sought().all())) {
            if (!exchange.now().isBefore(row.until())) {
                exchange.change((tx, effects, now) -> {
                    LeaseTable.Row over = over(tx, row);
                    giveUp(exchange, tx, over, effects, now);
                    return true;
                });
            } else if (ticks % SWEEP_TICKS == 0 && isThere(row)) {
                exchange.change((tx, effects, now) -> seek(tx, row, effects, now));
            }
        }
    }

    private boolean isThere(SoughtTable.Row row) {
        OrderTable.Row order = exchange.read(tx -> tx.orders().find(row.order()).orElseThrow());
        Access access = exchange.read(tx -> access(tx, order, row, exchange.now()));
        Demand demand = access.limit(Wishes.demand(order.spec(), 1, exchange.now()));
        return exchange.asks().match(demand, access).missing() == 0;
    }

    private Access access(Transaction tx, OrderTable.Row order, SoughtTable.Row row, Instant now) {
        return Access.of(tx, order.account())
                .reaching(
                        Reach.of(
                                exchange.settings(), order.spec().placement(), row.seconds(), now));
    }

    private boolean seek(Transaction tx, SoughtTable.Row row, Effects effects, Instant now) {
        if (!tx.sought().delete(row.order(), row.rank())) {
            return false;
        }
        OrderTable.Row order = tx.orders().find(row.order()).orElseThrow();
        Access access = access(tx, order, row, now);
        List<LeaseTable.Row> all = tx.leases().ofOrder(order.id());
        List<SellerId> beside =
                all.stream()
                        .filter(lease -> lease.status().state().isLive())
                        .map(LeaseTable.Row::seller)
                        .toList();
        Demand demand = access.limit(Wishes.demand(order.spec(), 1, now));
        Match match = exchange.asks().takeAnother(order.id(), demand, access, beside);
        if (match.missing() > 0) {
            tx.sought().insert(row);
            return false;
        }
        effects.took(match.slots());
        LeaseTable.Row over = over(tx, row);
        Match.Taken taken = match.slots().getFirst();
        boolean paid =
                Leases.replace(exchange, tx, order, all, over, taken, row.seconds(), effects, now);
        if (!paid) {
            tx.sought().insert(row);
            return false;
        }
        Leases.refreshOrder(exchange, tx, over, effects, now);
        LOGGER.log(
                System.Logger.Level.INFO,
                () -> "displaced machine replaced lease=" + over.id() + " order=" + order.id());
        return true;
    }

    /// The newest lease of a machine that is sought.
    private static LeaseTable.Row over(Transaction tx, SoughtTable.Row row) {
        return newest(
                        tx.leases().ofOrder(row.order()).stream()
                                .filter(lease -> lease.rank() == row.rank())
                                .toList())
                .orElseThrow();
    }

    private static LeaseTable.Row last(Transaction tx, OrderId order) {
        return newest(tx.leases().ofOrder(order)).orElseThrow();
    }

    private static Optional<LeaseTable.Row> newest(List<LeaseTable.Row> leases) {
        return leases.stream().max(Comparator.comparing(LeaseTable.Row::created));
    }
}
