// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.payment;

import org.sparegrid.protocol.Credits;

/// How a payment stands with its provider.
///
/// @param stage how far it came
/// @param paid what was paid, once the stage is {@link Stage#PAID}
/// @param refunded what was given back so far
/// @param disputed what the buyer's bank took back so far
/// @param reinstated what of that came again, as the operator won
public record Standing(
        Stage stage, Credits paid, Credits refunded, Credits disputed, Credits reinstated) {
    /// How far a payment came.
    public enum Stage {
        /// The buyer has not paid.
        OPEN,
        /// The buyer did his part; the money is on its way.
        CONFIRMED,
        /// The money is there, or was.
        PAID,
        /// It comes to nothing.
        FAILED
    }

    /// A payment of which no money came.
    public static Standing of(Stage stage) {
        return new Standing(stage, Credits.ZERO, Credits.ZERO, Credits.ZERO, Credits.ZERO);
    }

    /// A payment that came and stayed.
    public static Standing paid(Credits amount) {
        return new Standing(Stage.PAID, amount, Credits.ZERO, Credits.ZERO, Credits.ZERO);
    }
}
