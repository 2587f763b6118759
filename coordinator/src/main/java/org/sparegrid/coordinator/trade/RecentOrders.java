// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.sparegrid.coordinator.market.Diversity;
import org.sparegrid.coordinator.market.Match;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.coordinator.market.explain.PastOrder;
import org.sparegrid.protocol.market.OrderSpec;

/// The last orders of all buyers, filled or not, for sellers to learn from. It lives in memory and
/// begins anew with the program.
final class RecentOrders {
    /// What one answer holds; more tells a seller nothing new.
    private static final int ORDERS_MAX = 100;

    private final Deque<PastOrder> orders = new ArrayDeque<>();

    synchronized void note(OrderSpec spec, Match match, Instant now) {
        orders.addFirst(
                new PastOrder(
                        now,
                        spec.machines(),
                        Wishes.of(spec, now),
                        spec.megabytesPerHour(),
                        Diversity.of(spec.placement()),
                        match.slots().stream()
                                .map(taken ->
                                        new PastOrder.Taken(
                                                taken.from().seller(),
                                                Demand.carrying(
                                                        taken.from().attributes(),
                                                        spec.megabytesPerHour())))
                                .toList()));
        while (orders.size() > ORDERS_MAX) {
            orders.removeLast();
        }
    }

    /// Newest first.
    synchronized List<PastOrder> newest() {
        return List.copyOf(orders);
    }
}
