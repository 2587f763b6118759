// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.payment.Outcome;
import org.sparegrid.coordinator.payment.PaymentProvider;
import org.sparegrid.coordinator.payment.Secret;
import org.sparegrid.coordinator.payment.Webhook;
import org.sparegrid.coordinator.payment.paypal.FakePayPal;
import org.sparegrid.coordinator.payment.paypal.PayPalProvider;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.PayoutId;
import org.sparegrid.protocol.api.Deposit;
import org.sparegrid.protocol.api.DepositRequest;

/// A market whose people pay by PayPal; PayPal is a server of this test.
class PayPalPaymentsTest {
    private static final String KEY = "request-key-1";

    @TempDir Path folder;
    private final AtomicBoolean crashNext = new AtomicBoolean();
    private FakePayPal paypal;
    private MarketFixture fixture;
    private AccountId buyer;

    @BeforeEach
    void open() throws IOException {
        paypal = new FakePayPal();
        fixture =
                new MarketFixture(
                        folder,
                        clock -> new CrashingProvider(provider(clock, FakePayPal.KEY), crashNext));
        buyer = fixture.register("buyer@grid.example");
    }

    @AfterEach
    void close() {
        assertThat(fixture.faults()).isEmpty();
        fixture.close();
        paypal.close();
    }

    private PaymentProvider provider(InstantSource clock, String key) {
        return provider(paypal, clock, key);
    }

    static PaymentProvider provider(FakePayPal paypal, InstantSource clock, String key) {
        return new PayPalProvider(
                paypal.address(),
                new Secret(key),
                new Secret(FakePayPal.WEBHOOK),
                "eur",
                "https://grid.example/paid",
                clock);
    }

    @Test
    void takesTheMoneyOnceTheBuyerApprovedAndCreditsItOnce() {
        Deposit deposit = begin();
        assertThat(deposit.payAt()).startsWith("https://paypal.example/checkoutnow?token=");
        assertThat(paypal.orders().getFirst().value()).isEqualTo("20.00");
        paypal.approve(paypal.orders().getFirst());
        for (int i = 0; i < 3; i++) {
            paypal.events().reversed().forEach(this::deliver);
        }
        assertThat(paypal.orders().getFirst().isCaptured()).isTrue();
        assertThat(state(deposit)).isEqualTo(Deposit.State.POSTED);
        assertThat(balance()).isEqualTo("18");
        assertThat(fixture.balance(Book.CLEARING)).isEqualTo(Credits.parse("-20"));
    }

    @Test
    void believesNoForgedOldOrIncompleteEvent() {
        Deposit deposit = begin();
        paypal.approve(paypal.orders().getFirst());
        String event = paypal.events().getFirst();
        Instant now = fixture.now();
        for (Webhook forged :
                List.of(
                        FakePayPal.webhook(event, now, "sig0"),
                        FakePayPal.webhook(event + "}", now, "sig0"),
                        FakePayPal.webhook("[]", now, "sig0"),
                        FakePayPal.deliver(event, now.minus(Duration.ofDays(5))),
                        FakePayPal.deliver(event, now.plusSeconds(301)),
                        new Webhook(FakePayPal.deliver(event, now).bytes(), Map.of()))) {
            assertThatThrownBy(() -> receive(forged))
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            refused -> assertThat(refused.reason()).isEqualTo(Reason.INVALID));
        }
        assertThat(state(deposit)).isEqualTo(Deposit.State.PENDING);
        assertThat(paypal.orders().getFirst().isCaptured()).isFalse();
    }

    @Test
    void asksByItselfIfNothingIsReported() {
        Deposit deposit = begin();
        paypal.approve(paypal.orders().getFirst());
        look();
        assertThat(state(deposit)).isEqualTo(Deposit.State.POSTED);
    }

    @Test
    void takesTheMoneyOnceThoughItIsStoppedMeanwhile() throws IOException {
        Deposit deposit = begin();
        paypal.approve(paypal.orders().getFirst());
        crashNext.set(true);
        assertThatThrownBy(() -> deliver(paypal.events().getFirst()))
                .isInstanceOf(CrashingProvider.Crash.class);
        assertThat(balance()).isEqualTo("0");
        fixture.restart();
        look();
        assertThat(state(deposit)).isEqualTo(Deposit.State.POSTED);
        assertThat(balance()).isEqualTo("18");
    }

    @Test
    void beginsAPaymentOnceIfTheAnswerIsLost() {
        // The first request is the one for a token.
        assertThatThrownBy(() -> provider(fixture::now, "client:wrong").begin(any(), euro("5")))
                .isInstanceOf(IOException.class)
                .hasMessage("paypal: access token: status 401");
        paypal.cutNext(4);
        assertThatThrownBy(this::begin)
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(Reason.UNAVAILABLE));
        paypal.cutNext(0);
        assertThat(begin().state()).isEqualTo(Deposit.State.PENDING);
        assertThat(paypal.orders()).hasSize(1);
    }

    private static org.sparegrid.protocol.DepositId any() {
        return new org.sparegrid.protocol.DepositId("dep-aaaaaaaaaaaa");
    }

    @Test
    void givesUpWhatNobodyApproves() {
        Deposit deposit = begin();
        paypal.forget(paypal.orders().getFirst());
        look();
        assertThat(state(deposit)).isEqualTo(Deposit.State.FAILED);
    }

    @Test
    void givesAPaymentBack() throws IOException {
        Deposit deposit = paid();
        Providers providers = fixture.providers(provider(fixture::now, FakePayPal.KEY));
        assertThat(providers.refund(deposit.id())).isEqualTo(Deposit.State.REFUNDED);
        assertThat(balance()).isEqualTo("0");
        assertThat(fixture.balance(Book.CLEARING)).isEqualTo(Credits.ZERO);
    }

    @Test
    void followsDisputes() {
        Deposit deposit = paid();
        paypal.dispute(paypal.orders().getFirst());
        deliver(paypal.events().getLast());
        assertThat(state(deposit)).isEqualTo(Deposit.State.CHARGEBACK);
        assertThat(balance()).isEqualTo("0");
        assertThat(fixture.<Boolean>decide(tx -> tx.frozen().reason(buyer).isPresent())).isTrue();
        paypal.decide(paypal.orders().getFirst(), true);
        deliver(paypal.events().getLast());
        assertThat(state(deposit)).isEqualTo(Deposit.State.POSTED);
        assertThat(balance()).isEqualTo("18");
    }

    @Test
    void paysOutToAnAddressOnce() throws IOException {
        PaymentProvider provider = provider(fixture::now, FakePayPal.KEY);
        PayoutId payout = new PayoutId("pay-aaaaaaaaaaaa");
        for (int i = 0; i < 2; i++) {
            assertThat(provider.payOut(payout, euro("3"), "seller@grid.example"))
                    .isEqualTo(new Outcome.Sent("Bpay-aaaaaaaaaaaa"));
        }
        assertThat(paypal.payouts()).hasSize(1);
        assertThat(provider.payOut(payout, euro("3"), "IBAN 12"))
                .isInstanceOf(Outcome.Refused.class);
    }

    private Deposit paid() {
        Deposit deposit = begin();
        paypal.approve(paypal.orders().getFirst());
        deliver(paypal.events().getFirst());
        assertThat(state(deposit)).isEqualTo(Deposit.State.POSTED);
        return deposit;
    }

    private static Credits euro(String amount) {
        return Credits.parse(amount);
    }

    private Deposit begin() {
        return fixture.market().deposit(buyer, new DepositRequest(euro("20"), "paypal"), KEY);
    }

    private void look() {
        fixture.pass(Duration.ofHours(1).toMillis());
        fixture.reconcile();
    }

    private void deliver(String event) {
        receive(FakePayPal.deliver(event, fixture.now()));
    }

    private void receive(Webhook message) {
        fixture.market().webhook("paypal", message.body(), message.headers());
    }

    private String balance() {
        return fixture.balance(Book.wallet(buyer)).toString();
    }

    private Deposit.State state(Deposit deposit) {
        return fixture.market().deposit(buyer, deposit.id()).state();
    }
}
