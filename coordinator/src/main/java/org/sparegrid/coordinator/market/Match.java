// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market;

import java.util.List;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.market.Quote;

/// What the market has for a demand.
///
/// @param slots the slots to take, cheapest first, at most as many as wanted
/// @param missing how many more are wanted
/// @param exclusions why the other slots don't count
public record Match(List<Taken> slots, int missing, List<Quote.Exclusion> exclusions) {
    public Match {
        slots = List.copyOf(slots);
        exclusions = List.copyOf(exclusions);
    }

    /// One slot of an offer.
    public record Taken(SlotId slot, SlotAsk from) {}
}
