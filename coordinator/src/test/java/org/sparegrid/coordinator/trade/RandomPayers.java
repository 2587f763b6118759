// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Predicate;
import org.sparegrid.coordinator.payment.PaymentProvider;
import org.sparegrid.coordinator.payment.Webhook;

/// People who pay, take back and complain as chance has it, and the provider that they do it at.
interface RandomPayers extends AutoCloseable {
    PaymentProvider provider(InstantSource clock);

    /// Somebody pays what is open, now or later, or lets it expire.
    ///
    /// @param isTold whether the buyer of that deposit knows where to pay
    void pay(Predicate<String> isTold);

    /// Somebody takes back what he paid, or the operator gives some of it back.
    void takeBack();

    /// A dispute is decided, once each.
    void decide();

    /// All that the provider has reported so far.
    List<String> events();

    /// An event as the provider delivers it.
    Webhook deliver(String event, Instant now);

    /// An event as the provider would not deliver it.
    Webhook forge(String event, Instant now);

    /// The next so many requests take effect, but their answers are lost.
    void cutNext(int requests);

    /// The next so many requests fail.
    void failNext(int requests);

    /// What the provider holds for the operator, in cents.
    long held();

    /// How many payments came, whether or not they were given back.
    long paid();

    @Override
    void close();
}
