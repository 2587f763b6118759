// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import java.time.Instant;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.SellerId;

/// A machine that was bound to an order for a time to come.
///
/// @param name the machine's name, `node1` and so on
/// @param seller whose computer
/// @param sellerName that computer's name for people
/// @param pricePerHour what was agreed
/// @param begins from when on
/// @param ends until when the slot is bound
/// @param state what became of it
/// @param charged what its seller got because the buyer went back on it
public record Booking(
        String name,
        SellerId seller,
        String sellerName,
        Credits pricePerHour,
        Instant begins,
        Instant ends,
        State state,
        Credits charged) {
    /// What became of it.
    public enum State {
        /// It is bound.
        BOUND,
        /// The order got it at its time.
        TAKEN,
        /// Its seller was not there.
        BROKEN,
        /// Another machine still had the slot.
        BUSY,
        /// The order was closed before.
        CANCELLED
    }
}
