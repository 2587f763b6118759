// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.explain;

import java.time.Instant;
import java.util.List;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.Diversity;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.market.Query;

/// An order as it found the book.
///
/// @param at when it was placed
/// @param machines how many machines it wanted
/// @param wanted what each had to be; its prices are meant with the fee for the expected traffic
/// @param megabytesPerHour what each was expected to send and receive
/// @param spread how they had to be spread
/// @param taken what it got, or would have got had there been enough, cheapest first; at prices
///   with the fee
public record PastOrder(
        Instant at,
        int machines,
        Query wanted,
        int megabytesPerHour,
        Diversity spread,
        List<Taken> taken) {
    public PastOrder {
        taken = List.copyOf(taken);
    }

    /// One slot of an ask.
    public record Taken(SellerId seller, AskAttributes ask) {}
}
