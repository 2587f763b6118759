// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.math.BigInteger;
import java.time.Instant;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.OrderTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.OrderSpec;

/// How long a machine may run, and how much it may send and receive, before its order's limit of
/// cost is reached.
final class Budget {
    private static final BigInteger HOUR = BigInteger.valueOf(3600);
    private static final BigInteger BYTES_PER_GIGABYTE = BigInteger.valueOf(1_000_000_000);

    private Budget() {}

    /// The most seconds of a machine that may be billed, after what the order's others have used
    /// and its own traffic.
    ///
    /// All of an order's readings are taken one after the other, so that the sum of what is billed
    /// never exceeds the limit.
    static long secondsMax(Transaction tx, LeaseTable.Row row) {
        OrderTable.Row order = tx.orders().find(row.order()).orElseThrow();
        if (suffices(order.costMax(), order.spec())) {
            return row.secondsMax();
        }
        Credits left = left(tx, row, order).minus(row.traffic().cost());
        return Math.min(row.secondsMax(), seconds(left, row.pricePerHour()));
    }

    /// The most bytes of a machine's traffic that may be billed, in the same way.
    static long bytesMax(Transaction tx, LeaseTable.Row row) {
        OrderTable.Row order = tx.orders().find(row.order()).orElseThrow();
        if (suffices(order.costMax(), order.spec())) {
            return row.traffic().bytesMax();
        }
        Credits left = left(tx, row, order).minus(billed(row));
        return Math.min(
                row.traffic().bytesMax(),
                most(left, row.traffic().feePerGigabyte(), BYTES_PER_GIGABYTE));
    }

    /// What the other machines of an order leave of its limit.
    private static Credits left(Transaction tx, LeaseTable.Row row, OrderTable.Row order) {
        Credits left = order.costMax();
        for (LeaseTable.Row other : tx.leases().ofOrder(row.order())) {
            if (!other.id().equals(row.id()) && other.status().ran()) {
                left = left.minus(billed(other)).minus(other.traffic().cost());
            }
        }
        return left;
    }

    private static Credits billed(LeaseTable.Row row) {
        return row.pricePerHour().perHourFor(row.meter().billedSeconds());
    }

    /// Ends all machines of an order whose limit is reached.
    static void stopAll(
            Exchange exchange, Transaction tx, LeaseTable.Row row, Effects effects, Instant now) {
        for (LeaseTable.Row each : tx.leases().ofOrder(row.order())) {
            Leases.stop(
                    exchange,
                    tx,
                    each,
                    EndReason.BUDGET,
                    "the order's limit of cost is reached",
                    effects,
                    now);
        }
    }

    /// The most seconds whose price is not above `left`.
    static long seconds(Credits left, Credits pricePerHour) {
        return most(left, pricePerHour, HOUR);
    }

    /// The most of what costs `price` for `unit` of it.
    private static long most(Credits left, Credits price, BigInteger unit) {
        if (left.isNegative() || price.equals(Credits.ZERO)) {
            return left.isNegative() ? 0 : Long.MAX_VALUE;
        }
        // A price is rounded down: it is within `left` while it is below `left` and a billionth.
        return BigInteger.valueOf(left.nanos())
                .add(BigInteger.ONE)
                .multiply(unit)
                .subtract(BigInteger.ONE)
                .divide(BigInteger.valueOf(price.nanos()))
                .min(BigInteger.valueOf(Long.MAX_VALUE))
                .longValueExact();
    }

    /// Whether the limit can't be reached at all, as with most orders.
    private static boolean suffices(Credits costMax, OrderSpec spec) {
        return BigInteger.valueOf(spec.pricePerHourMax().nanos())
                        .multiply(BigInteger.valueOf(spec.secondsMax()))
                        .multiply(BigInteger.valueOf(spec.machines()))
                        .divide(HOUR)
                        .compareTo(BigInteger.valueOf(costMax.nanos()))
                <= 0;
    }
}
