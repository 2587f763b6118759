// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.util.HashSet;
import java.util.Set;
import org.sparegrid.protocol.SellerId;

/// Keeps the computers off the market that the operator suspended, with a program of its own.
final class Suspensions {
    private final Exchange exchange;

    /// Belongs to the market's clock.
    private Set<SellerId> suspended = Set.of();

    Suspensions(Exchange exchange) {
        this.exchange = exchange;
    }

    /// Sees whether the operator changed something.
    void tick() {
        Set<SellerId> now =
                exchange.read(tx -> {
                    Set<SellerId> all = new HashSet<>(tx.suspensions().all().keySet());
                    all.addAll(tx.frozen().sellers());
                    return all;
                });
        if (!now.equals(suspended)) {
            exchange.asks().suspend(now);
            suspended = Set.copyOf(now);
        }
    }
}
