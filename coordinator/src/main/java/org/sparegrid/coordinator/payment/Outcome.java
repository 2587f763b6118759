// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.payment;

/// What became of a refund or a payout.
public sealed interface Outcome {
    /// The money is on its way.
    ///
    /// @param reference what the provider calls it
    record Sent(String reference) implements Outcome {}

    /// No money moved, nor will it.
    record Refused(String why) implements Outcome {}
}
