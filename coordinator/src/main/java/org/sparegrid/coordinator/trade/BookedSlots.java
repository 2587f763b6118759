// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.SlotId;

/// The slots that are bound to orders for a time to come, as [Asks] knows them. It belongs to the
/// thread of [Asks].
final class BookedSlots {
    private final List<Span> spans = new ArrayList<>();

    /// A slot and the time in which an order has it.
    record Span(SlotId slot, OrderId order, Instant begins, Instant ends) {}

    /// A slot that is bound to an order.
    record Bound(OrderId order, SlotId slot) {}

    void add(Span span) {
        spans.add(span);
    }

    /// An order's slot is bound no longer.
    void remove(OrderId order, SlotId slot) {
        spans.removeIf(span -> span.order.equals(order) && span.slot.equals(slot));
    }

    /// The slots that are not for machines with that reach.
    List<SlotId> hidden(Reach reach) {
        return spans.stream()
                .filter(span -> reach.meets(span.order, span.begins, span.ends))
                .map(Span::slot)
                .distinct()
                .toList();
    }
}
