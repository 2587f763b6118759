// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.sparegrid.coordinator.payment.PaymentProvider;
import org.sparegrid.coordinator.payment.Webhook;
import org.sparegrid.coordinator.payment.stripe.FakeStripe;

/// Payers by card and by bank, at Stripe.
final class StripePayers implements RandomPayers {
    private final RandomGenerator random;
    private final FakeStripe stripe;
    private final List<FakeStripe.Payment> disputed = new ArrayList<>();
    private final List<FakeStripe.Payment> undecided = new ArrayList<>();

    StripePayers(RandomGenerator random) throws IOException {
        this.random = random;
        this.stripe = new FakeStripe();
    }

    @Override
    public PaymentProvider provider(InstantSource clock) {
        return StripePaymentsTest.provider(stripe, clock, FakeStripe.KEY);
    }

    @Override
    public void pay(Predicate<String> isTold) {
        List<FakeStripe.Payment> open =
                stripe.payments().stream()
                        .filter(payment -> payment.isOpen() && isTold.test(payment.deposit()))
                        .toList();
        if (open.isEmpty()) {
            return;
        }
        FakeStripe.Payment payment = any(open);
        switch (random.nextInt(4)) {
            case 0 -> stripe.expire(payment);
            case 1 -> {
                stripe.promise(payment);
                stripe.keep(payment, random.nextBoolean());
            }
            default -> stripe.pay(payment);
        }
    }

    @Override
    public void takeBack() {
        List<FakeStripe.Payment> paid =
                stripe.payments().stream().filter(FakeStripe.Payment::isPaid).toList();
        if (paid.isEmpty()) {
            return;
        }
        FakeStripe.Payment payment = any(paid);
        long left = payment.cents() - payment.refunded();
        if (left <= 0 || disputed.contains(payment)) {
            return;
        }
        if (random.nextBoolean()) {
            stripe.refund(payment, random.nextLong(1, left + 1));
        } else {
            stripe.dispute(payment, left);
            disputed.add(payment);
            undecided.add(payment);
        }
    }

    @Override
    public void decide() {
        if (!undecided.isEmpty()) {
            FakeStripe.Payment payment = any(undecided);
            undecided.remove(payment);
            stripe.decide(payment, random.nextBoolean());
        }
    }

    @Override
    public List<String> events() {
        return stripe.events();
    }

    @Override
    public Webhook deliver(String event, Instant now) {
        return FakeStripe.deliver(event, now);
    }

    @Override
    public Webhook forge(String event, Instant now) {
        return random.nextBoolean()
                ? FakeStripe.sign(event, now, "whsec_forged")
                : FakeStripe.deliver(event, now.minusSeconds(random.nextInt(301, 9_999)));
    }

    @Override
    public void cutNext(int requests) {
        stripe.cutNext(requests);
    }

    @Override
    public void failNext(int requests) {
        stripe.failNext(requests);
    }

    @Override
    public long held() {
        return stripe.payments().stream().mapToLong(FakeStripe.Payment::held).sum();
    }

    @Override
    public long paid() {
        return stripe.payments().stream().filter(FakeStripe.Payment::isPaid).count();
    }

    private <T> T any(List<T> choice) {
        return choice.get(random.nextInt(choice.size()));
    }

    @Override
    public void close() {
        stripe.close();
    }
}
