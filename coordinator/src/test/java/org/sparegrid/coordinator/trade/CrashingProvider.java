// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.sparegrid.coordinator.payment.Begun;
import org.sparegrid.coordinator.payment.Notice;
import org.sparegrid.coordinator.payment.Outcome;
import org.sparegrid.coordinator.payment.PaymentProvider;
import org.sparegrid.coordinator.payment.Standing;
import org.sparegrid.coordinator.payment.Webhook;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.PayoutId;

/// A provider whose answer may be the last thing that the coordinator sees: after it, before
/// anything is booked, the coordinator stops.
record CrashingProvider(PaymentProvider provider, AtomicBoolean crashNext)
        implements PaymentProvider {
    /// The coordinator is no more.
    static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private <T> T answered(T answer) {
        if (crashNext.compareAndSet(true, false)) {
            throw new Crash();
        }
        return answer;
    }

    @Override
    public String name() {
        return provider.name();
    }

    @Override
    public boolean takes(Credits amount) {
        return provider.takes(amount);
    }

    @Override
    public Begun begin(DepositId deposit, Credits amount) throws IOException {
        return answered(provider.begin(deposit, amount));
    }

    @Override
    public Notice read(Webhook message) throws IOException {
        return provider.read(message);
    }

    @Override
    public Standing look(DepositId deposit, Credits asked, String reference) throws IOException {
        return answered(provider.look(deposit, asked, reference));
    }

    @Override
    public Outcome refund(DepositId deposit, Credits amount, String reference) throws IOException {
        return answered(provider.refund(deposit, amount, reference));
    }

    @Override
    public Outcome payOut(PayoutId payout, Credits amount, String destination) throws IOException {
        return answered(provider.payOut(payout, amount, destination));
    }
}
