// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market;

import java.util.List;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.market.Ask;

/// A seller's offer as the market knows it.
///
/// @param seller whose machine
/// @param ask what it offers
/// @param attributes all that is known of it
/// @param known what was measured of it
/// @param free the slots that can be had now
public record SlotAsk(
        SellerId seller, Ask ask, AskAttributes attributes, Knowledge known, List<SlotId> free) {
    public SlotAsk {
        free = List.copyOf(free);
    }

    /// The same at a price and fee that were agreed before.
    public SlotAsk at(Credits pricePerHour, Credits feePerGigabyte) {
        return new SlotAsk(seller, ask.at(pricePerHour, feePerGigabyte), attributes, known, free);
    }
}
