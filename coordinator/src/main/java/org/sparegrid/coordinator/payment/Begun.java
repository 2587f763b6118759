// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.payment;

/// What became of beginning a payment.
public sealed interface Begun {
    /// The buyer can pay.
    ///
    /// @param reference what the provider calls the payment, 1 to 200 characters
    /// @param payAt where the buyer pays, or empty where nothing is to be done
    record Open(String reference, String payAt) implements Begun {}

    /// The provider doesn't take it.
    record Refused(String why) implements Begun {}
}
