// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.protocol.OrderId;

/// What one machine of each open order must be like, and the orders for which one has come. It
/// belongs to the thread of [Asks].
final class Hopes {
    private final Map<OrderId, Demand> awaited = new LinkedHashMap<>();
    private final Set<OrderId> hopeful = new LinkedHashSet<>();

    boolean await(OrderId order, Demand forOne) {
        awaited.put(order, forOne);
        return hopeful.add(order);
    }

    boolean forget(OrderId order) {
        awaited.remove(order);
        return hopeful.remove(order);
    }

    boolean isAwaited() {
        return !awaited.isEmpty();
    }

    long size() {
        return awaited.size();
    }

    /// An offer has come, or become cheaper or better.
    void look(AskAttributes offer) {
        awaited.forEach((order, demand) -> {
            if (demand.test(offer)) {
                hopeful.add(order);
            }
        });
    }

    /// The orders for which something has come since this was asked.
    Set<OrderId> taken() {
        Set<OrderId> found = Set.copyOf(hopeful);
        hopeful.clear();
        return found;
    }
}
