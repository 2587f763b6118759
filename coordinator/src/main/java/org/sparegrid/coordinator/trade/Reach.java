// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Duration;
import java.time.Instant;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.market.Placement;

/// The time in which an order's machines may have their slots, so that slots that are bound to
/// others within it are not for them.
///
/// @param from its begin
/// @param to its end
/// @param own the order whose own bookings are no hindrance, or empty
record Reach(Instant from, Instant to, String own) {
    /// No time at all.
    static final Reach NONE = new Reach(Instant.EPOCH, Instant.EPOCH, "");

    /// What a machine takes to stop.
    private static final Duration STOPPING = Duration.ofSeconds(30);

    /// The reach of machines that start then. An interruptible one can be ended in time, unless it
    /// is time for its notice already.
    static Reach of(MarketSettings settings, Placement placement, long seconds, Instant start) {
        Duration most =
                placement.interruptible()
                        ? settings.interruptionNotice().plus(STOPPING)
                        : settings.bootTimeout().plusSeconds(seconds);
        return new Reach(start, start.plus(most), "");
    }

    /// The same for an order that has bookings itself.
    Reach of(OrderId order) {
        return new Reach(from, to, order.value());
    }

    /// Whether a slot that an order has from then to then is in its way.
    boolean meets(OrderId order, Instant begins, Instant ends) {
        return begins.isBefore(to) && ends.isAfter(from) && !order.value().equals(own);
    }
}
