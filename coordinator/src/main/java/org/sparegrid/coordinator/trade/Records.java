// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Duration;
import java.time.Instant;
import org.sparegrid.coordinator.market.Knowledge;
import org.sparegrid.coordinator.market.formula.Interruptions;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.SellerId;

/// What was measured of sellers' computers.
final class Records {
    /// Leases of before don't count.
    private static final Duration MEMORY = Duration.ofDays(90);

    private Records() {}

    /// What is known of a computer.
    static Knowledge of(Exchange exchange, Transaction tx, SellerId seller, Instant now) {
        Interruptions ran = tx.sellerDays().interruptions(seller, now.minus(MEMORY));
        return new Knowledge(
                Knowledge.hourly(ran),
                tx.presences().find(seller),
                Ratings.ofSeller(tx, seller, now),
                exchange.latency(seller));
    }

    /// Lets the market know what is known of a computer by now.
    static void refresh(Exchange exchange, SellerId seller) {
        exchange.asks()
                .learn(seller, exchange.read(tx -> of(exchange, tx, seller, exchange.now())));
    }
}
