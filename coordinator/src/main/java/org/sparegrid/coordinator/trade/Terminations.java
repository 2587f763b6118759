// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Instant;
import org.sparegrid.coordinator.store.StopTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.market.EndReason;

/// Ends the orders and machines that the operator wants ended, with a program of its own. What runs
/// until then is billed; both sides read why.
final class Terminations {
    private static final System.Logger LOGGER = System.getLogger(Terminations.class.getName());

    private final Exchange exchange;
    private final Orders orders;

    Terminations(Exchange exchange, Orders orders) {
        this.exchange = exchange;
        this.orders = orders;
    }

    /// Sees whether the operator asked for something.
    void tick() {
        for (StopTable.Row asked : exchange.read(tx -> tx.stops().all())) {
            exchange.change((tx, effects, now) -> {
                end(tx, asked, effects, now);
                tx.stops().delete(asked.what());
                return true;
            });
            LOGGER.log(
                    System.Logger.Level.INFO,
                    () ->
                            "ended by the operator what=%s cause=%s"
                                    .formatted(asked.what(), asked.reason()));
        }
    }

    private void end(Transaction tx, StopTable.Row asked, Effects effects, Instant now) {
        String why = "ended by the operator: " + asked.reason();
        if (asked.what().startsWith(LeaseId.PREFIX)) {
            tx.leases()
                    .find(new LeaseId(asked.what()))
                    .ifPresent(row ->
                            Leases.stop(exchange, tx, row, EndReason.OPERATOR, why, effects, now));
        } else {
            orders.stop(tx, new OrderId(asked.what()), EndReason.OPERATOR, why, effects, now);
        }
    }
}
