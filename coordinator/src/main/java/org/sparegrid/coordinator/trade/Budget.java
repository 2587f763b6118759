// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.math.BigInteger;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.OrderTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.market.OrderSpec;

/// How long a machine may run before its order's limit of cost is reached.
final class Budget {
    private static final BigInteger HOUR = BigInteger.valueOf(3600);

    private Budget() {}

    /// The most seconds of a machine that may be billed, after what the order's others have used.
    ///
    /// All of an order's readings are taken one after the other, so that the sum of what is billed
    /// never exceeds the limit.
    static long secondsMax(Transaction tx, LeaseTable.Row row) {
        OrderTable.Row order = tx.orders().find(row.order()).orElseThrow();
        if (suffices(order.costMax(), order.spec())) {
            return row.secondsMax();
        }
        Credits left = order.costMax();
        for (LeaseTable.Row other : tx.leases().ofOrder(row.order())) {
            if (!other.id().equals(row.id()) && other.status().ran()) {
                left = left.minus(other.pricePerHour().perHourFor(other.meter().billedSeconds()));
            }
        }
        return Math.min(row.secondsMax(), seconds(left, row.pricePerHour()));
    }

    /// The most seconds whose price is not above `left`.
    static long seconds(Credits left, Credits pricePerHour) {
        if (left.isNegative() || pricePerHour.equals(Credits.ZERO)) {
            return left.isNegative() ? 0 : Long.MAX_VALUE;
        }
        // A price is rounded down: it is within `left` while it is below `left` and a billionth.
        return BigInteger.valueOf(left.nanos())
                .add(BigInteger.ONE)
                .multiply(HOUR)
                .subtract(BigInteger.ONE)
                .divide(BigInteger.valueOf(pricePerHour.nanos()))
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
