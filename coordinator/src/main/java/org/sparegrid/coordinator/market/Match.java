// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market;

import java.util.List;
import org.sparegrid.protocol.SlotId;

/// What the market has for a demand.
///
/// @param slots the slots to take, cheapest first, at most as many as wanted
/// @param missing how many more are wanted
public record Match(List<Taken> slots, int missing) {
    public Match {
        slots = List.copyOf(slots);
    }

    /// One slot of an offer.
    public record Taken(SlotId slot, SlotAsk from) {}
}
