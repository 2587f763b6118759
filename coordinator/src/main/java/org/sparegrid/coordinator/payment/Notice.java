// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.payment;

import org.sparegrid.protocol.DepositId;

/// What a message to the webhook is.
public sealed interface Notice {
    /// Something happened to a payment.
    record About(DepositId deposit) implements Notice {}

    /// It is the provider's, but about nothing of ours.
    record Other() implements Notice {}

    /// It isn't the provider's, is too old or malformed.
    record Forged(String why) implements Notice {}
}
