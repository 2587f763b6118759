// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.payment;

import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;

/// What a provider reports of a payment.
public sealed interface PaymentEvent {
    DepositId deposit();

    /// The money is there.
    ///
    /// @param amount what was paid, to be compared with what was asked
    record Confirmed(DepositId deposit, Credits amount) implements PaymentEvent {}

    /// It came to nothing.
    record Failed(DepositId deposit, String why) implements PaymentEvent {}
}
