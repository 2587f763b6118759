// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.payment;

import java.io.IOException;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.PayoutId;

/// Someone who takes people's money for the operator, gives it back and pays it out.
///
/// Every call may be repeated: the names of the deposit and of the payout are what the provider
/// tells a repetition by, so that a coordinator that was killed can ask again. A call that throws
/// `IOException` may have had its effect or not.
public interface PaymentProvider {
    /// How the provider is named in requests and in the address of its reports.
    String name();

    /// Whether it can move that amount; most know whole hundredths only.
    boolean takes(Credits amount);

    /// Begins a payment.
    Begun begin(DepositId deposit, Credits amount) throws IOException;

    /// Whether a message is the provider's, and which payment it is about. What happened to that
    /// payment is not taken from the message, which may be old: {@link #look} tells.
    Notice read(Webhook message) throws IOException;

    /// How a payment stands now.
    ///
    /// @param asked what it was to be
    /// @param reference what {@link #begin} said
    Standing look(DepositId deposit, Credits asked, String reference) throws IOException;

    /// Gives all of a payment back.
    Outcome refund(DepositId deposit, Credits amount, String reference) throws IOException;

    /// Pays someone.
    ///
    /// @param destination as that one wrote it
    Outcome payOut(PayoutId payout, Credits amount, String destination) throws IOException;
}
