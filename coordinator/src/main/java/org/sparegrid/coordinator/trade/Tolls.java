// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Instant;
import org.sparegrid.coordinator.ledger.Transfers;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.OrderTable;
import org.sparegrid.coordinator.store.TrafficTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.OrderSpec;

/// The fees that sellers want for what machines send and receive.
///
/// What a machine exchanged with a peer is billed as far as both of them counted it, so that
/// neither end alone can raise the bill. Between machines of one owner both counters are his;
/// nothing is billed there.
final class Tolls {
    /// More than can be billed for, so that no sum is too large.
    private static final long BYTES_MAX = 1L << 60;

    private Tolls() {}

    /// The most that an order's machine pays for traffic at such a fee.
    static Credits costMax(Credits feePerGigabyte, OrderSpec spec) {
        return feePerGigabyte.perGigabyteFor(spec.trafficMegabytes() * 1_000_000);
    }

    /// The lease with what is known of its traffic by now.
    static LeaseTable.Row read(Transaction tx, LeaseTable.Row row) {
        if (!row.traffic().isCharged() || !row.status().ran()) {
            return row;
        }
        AccountId owner = tx.sellers().owner(row.seller()).orElseThrow();
        long counted = 0;
        long agreed = 0;
        for (TrafficTable.Exchanged each : tx.traffic().of(row.id())) {
            counted = Math.min(BYTES_MAX, counted + each.sent() + each.received());
            if (each.owner().filter(owner::equals).isEmpty()) {
                agreed = Math.min(BYTES_MAX, agreed + each.agreed());
            }
        }
        return row.with(row.traffic().after(counted, Math.min(agreed, Budget.bytesMax(tx, row))));
    }

    /// Pays the seller for what of the traffic is billed and not paid yet.
    static LeaseTable.Row settle(
            Transaction tx, LeaseTable.Row row, OrderTable.Row order, Instant now) {
        AccountId seller = tx.sellers().owner(row.seller()).orElseThrow();
        Credits due = row.traffic().cost().minus(row.traffic().charged());
        Transfers.carry(
                        row.id(),
                        row.traffic().agreedBytes(),
                        order.id(),
                        order.account(),
                        seller,
                        due)
                .ifPresent(transfer -> tx.ledger().post(transfer, now));
        return row.with(row.traffic().settled());
    }

    /// Pays for what was reported since the machines of an order ended, before what is left of its
    /// money goes back.
    static void close(Transaction tx, OrderTable.Row order, OpenPortBonus bonus, Instant now) {
        for (LeaseTable.Row row : tx.leases().ofOrder(order.id())) {
            LeaseTable.Row read = read(tx, row);
            LeaseTable.Row paid = read.equals(row) ? row : settle(tx, read, order, now);
            LeaseTable.Row all = bonus.settle(tx, paid, order, now);
            if (!all.equals(row)) {
                tx.leases().update(all);
            }
        }
        tx.traffic().forget(order.network());
    }

    /// Ends a machine whose traffic is used up, or all of the order's if that reached its limit of
    /// cost.
    ///
    /// @return whether it did
    static boolean stop(
            Exchange exchange, Transaction tx, LeaseTable.Row row, Effects effects, Instant now) {
        if (!row.traffic().isCharged() || row.traffic().agreedBytes() < Budget.bytesMax(tx, row)) {
            return false;
        }
        if (row.traffic().agreedBytes() < row.traffic().bytesMax()) {
            Budget.stopAll(exchange, tx, row, effects, now);
        } else {
            String why = "the order's traffic is used up";
            Leases.stop(exchange, tx, row, EndReason.BUDGET, why, effects, now);
        }
        return true;
    }
}
