// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.sparegrid.coordinator.payment.PaymentProvider;
import org.sparegrid.coordinator.payment.Webhook;
import org.sparegrid.coordinator.payment.paypal.FakePayPal;

/// Payers from a wallet and from a bank account, at PayPal.
final class PayPalPayers implements RandomPayers {
    private final RandomGenerator random;
    private final FakePayPal paypal;
    private final List<FakePayPal.Order> disputed = new ArrayList<>();
    private final List<FakePayPal.Order> undecided = new ArrayList<>();

    PayPalPayers(RandomGenerator random) throws IOException {
        this.random = random;
        this.paypal = new FakePayPal();
    }

    @Override
    public PaymentProvider provider(InstantSource clock) {
        return PayPalPaymentsTest.provider(paypal, clock, FakePayPal.KEY);
    }

    @Override
    public void pay(Predicate<String> isTold) {
        List<FakePayPal.Order> pending =
                paypal.orders().stream().filter(FakePayPal.Order::isPending).toList();
        if (!pending.isEmpty() && random.nextBoolean()) {
            paypal.clear(any(pending), random.nextBoolean());
            return;
        }
        List<FakePayPal.Order> open =
                paypal.orders().stream()
                        .filter(order -> order.isOpen() && isTold.test(order.deposit()))
                        .toList();
        if (open.isEmpty()) {
            return;
        }
        FakePayPal.Order order = any(open);
        switch (random.nextInt(4)) {
            case 0 -> paypal.forget(order);
            case 1 -> paypal.approveSlowly(order);
            default -> paypal.approve(order);
        }
    }

    @Override
    public void takeBack() {
        List<FakePayPal.Order> paid =
                paypal.orders().stream()
                        .filter(order -> order.held() > 0 && !disputed.contains(order))
                        .toList();
        if (paid.isEmpty()) {
            return;
        }
        FakePayPal.Order order = any(paid);
        if (random.nextBoolean()) {
            paypal.giveBack(order, random.nextLong(1, order.held() + 1));
        } else {
            paypal.dispute(order);
            disputed.add(order);
            undecided.add(order);
        }
    }

    @Override
    public void decide() {
        if (!undecided.isEmpty()) {
            FakePayPal.Order order = any(undecided);
            undecided.remove(order);
            paypal.decide(order, random.nextBoolean());
        }
    }

    @Override
    public List<String> events() {
        return paypal.events();
    }

    @Override
    public Webhook deliver(String event, Instant now) {
        return FakePayPal.deliver(event, now);
    }

    @Override
    public Webhook forge(String event, Instant now) {
        return random.nextBoolean()
                ? FakePayPal.webhook(event, now, "sig0")
                : FakePayPal.deliver(event, now.minus(Duration.ofDays(random.nextInt(5, 99))));
    }

    @Override
    public void cutNext(int requests) {
        paypal.cutNext(requests);
    }

    @Override
    public void failNext(int requests) {
        paypal.failNext(requests);
    }

    @Override
    public long held() {
        return paypal.orders().stream().mapToLong(FakePayPal.Order::held).sum();
    }

    @Override
    public long paid() {
        return paypal.orders().stream().filter(FakePayPal.Order::isPaid).count();
    }

    private <T> T any(List<T> choice) {
        return choice.get(random.nextInt(choice.size()));
    }

    @Override
    public void close() {
        paypal.close();
    }
}
