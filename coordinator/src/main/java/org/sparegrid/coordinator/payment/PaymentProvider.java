// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.payment;

import java.util.Optional;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;

/// Someone who takes people's money for the operator and reports it by signed messages.
public interface PaymentProvider {
    /// How the provider is named in requests and in the address of its reports.
    String name();

    /// Begins a payment. A wallet is credited only by what {@link #verify} accepts later. After the
    /// coordinator was killed it is called again for payments that no report has come for; the
    /// provider takes the money of each payment once.
    TopUp create(DepositId deposit, Credits amount);

    /// What a report says, or nothing if it isn't the provider's, too old or malformed. The same
    /// report may come any number of times: whoever posts it does so once for each payment.
    ///
    /// @param rawBody the report exactly as it came
    Optional<PaymentEvent> verify(byte[] rawBody, String signature);
}
