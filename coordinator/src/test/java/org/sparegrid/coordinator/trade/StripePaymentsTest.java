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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.ledger.Transfers;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.payment.PaymentProvider;
import org.sparegrid.coordinator.payment.Secret;
import org.sparegrid.coordinator.payment.Webhook;
import org.sparegrid.coordinator.payment.stripe.FakeStripe;
import org.sparegrid.coordinator.payment.stripe.StripeProvider;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.api.Deposit;
import org.sparegrid.protocol.api.DepositRequest;

/// A market whose people pay by Stripe; Stripe is a server of this test.
class StripePaymentsTest {
    private static final String KEY = "request-key-1";

    @TempDir Path folder;
    private FakeStripe stripe;
    private MarketFixture fixture;
    private AccountId buyer;

    @BeforeEach
    void open() throws IOException {
        stripe = new FakeStripe();
        fixture = new MarketFixture(folder, clock -> provider(stripe, clock, FakeStripe.KEY));
        buyer = fixture.register("buyer@grid.example");
    }

    @AfterEach
    void close() {
        fixture.close();
        stripe.close();
        assertThat(folder).isNotEmptyDirectory();
    }

    static PaymentProvider provider(FakeStripe stripe, InstantSource clock, String key) {
        return new StripeProvider(
                stripe.address(),
                new Secret(key),
                new Secret(FakeStripe.WEBHOOK_KEY),
                "eur",
                "https://grid.example/paid",
                clock);
    }

    @Test
    void creditsAPaymentOnceHoweverOftenItIsReported() {
        Deposit deposit = begin("20");
        assertThat(deposit.state()).isEqualTo(Deposit.State.PENDING);
        assertThat(deposit.payAt()).startsWith("https://checkout.example/c/pay/cs_test_");
        assertThat(stripe.payments().getFirst().cents()).isEqualTo(2000);
        stripe.pay(stripe.payments().getFirst());
        assertThat(balance()).isEqualTo("0");
        for (int i = 0; i < 3; i++) {
            stripe.events().forEach(event -> deliver(event, fixture.now()));
        }
        assertThat(state(deposit)).isEqualTo(Deposit.State.POSTED);
        assertThat(balance()).isEqualTo("18");
        assertThat(fixture.balance(Book.CLEARING)).isEqualTo(Credits.parse("-20"));
        assertThat(fixture.faults()).isEmpty();
    }

    @Test
    void believesNoForgedOldOrFutureEvent() {
        Deposit deposit = begin("20");
        stripe.pay(stripe.payments().getFirst());
        String event = stripe.events().getFirst();
        Instant now = fixture.now();
        Webhook good = FakeStripe.deliver(event, now);
        for (Webhook forged :
                List.of(
                        FakeStripe.sign(event, now, "whsec_of_somebody_else"),
                        FakeStripe.deliver(event, now.minusSeconds(301)),
                        FakeStripe.deliver(event, now.plusSeconds(302)),
                        new Webhook(FakeStripe.deliver(event + " ", now).bytes(), good.headers()),
                        new Webhook(good.bytes(), java.util.Map.of()))) {
            assertThatThrownBy(() -> receive(forged))
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            refused -> assertThat(refused.reason()).isEqualTo(Reason.INVALID));
        }
        assertThat(state(deposit)).isEqualTo(Deposit.State.PENDING);
        receive(good);
        assertThat(state(deposit)).isEqualTo(Deposit.State.POSTED);
    }

    /// Whoever holds the key of the webhook alone can't make money either.
    @Test
    void believesTheProviderAndNotTheEvent() {
        Deposit deposit = begin("20");
        stripe.pay(stripe.payments().getFirst());
        String event = stripe.events().getFirst();
        Deposit other = begin("30");
        deliver(event.replace(deposit.id().value(), other.id().value()), fixture.now());
        assertThat(state(other)).isEqualTo(Deposit.State.PENDING);
        assertThat(balance()).isEqualTo("0");
    }

    @Test
    void asksByItselfIfNothingIsReported() {
        Deposit deposit = begin("20");
        stripe.pay(stripe.payments().getFirst());
        pass(Duration.ofMinutes(2));
        assertThat(state(deposit)).isEqualTo(Deposit.State.POSTED);
    }

    @Test
    void beginsAPaymentOnceIfTheAnswerIsLost() throws IOException {
        stripe.cutNext(2);
        assertThatThrownBy(() -> begin("20"))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(Reason.UNAVAILABLE));
        fixture.restart();
        Deposit again = begin("20");
        assertThat(again.state()).isEqualTo(Deposit.State.PENDING);
        assertThat(stripe.payments()).hasSize(1);
        assertThat(again.payAt()).isNotEmpty();
        assertThat(fixture.market().deals().deposits(buyer).deposits()).hasSize(1);
    }

    @Test
    void followsPaymentsThatTakeDays() {
        Deposit one = begin("20");
        Deposit other = other("30");
        stripe.payments().forEach(stripe::promise);
        pass(Duration.ofMinutes(2));
        assertThat(state(one)).isEqualTo(Deposit.State.CONFIRMED);
        assertThat(balance()).isEqualTo("0");
        stripe.keep(stripe.payments().getFirst(), true);
        stripe.keep(stripe.payments().getLast(), false);
        pass(Duration.ofDays(1));
        assertThat(state(one)).isEqualTo(Deposit.State.POSTED);
        assertThat(state(other)).isEqualTo(Deposit.State.FAILED);
        assertThat(balance()).isEqualTo("18");
    }

    @Test
    void givesUpWhatNobodyPays() {
        Deposit deposit = begin("20");
        stripe.expire(stripe.payments().getFirst());
        deliver(stripe.events().getFirst(), fixture.now());
        assertThat(state(deposit)).isEqualTo(Deposit.State.FAILED);
    }

    @Test
    void takesBackWhatIsRefundedWithItsShareOfTheCommission() {
        Deposit deposit = begin("20");
        FakeStripe.Payment payment = stripe.payments().getFirst();
        stripe.pay(payment);
        stripe.refund(payment, 500);
        stripe.events().reversed().forEach(event -> deliver(event, fixture.now()));
        assertThat(state(deposit)).isEqualTo(Deposit.State.POSTED);
        assertThat(balance()).isEqualTo("13.5");
        stripe.refund(payment, 1500);
        deliver(stripe.events().getLast(), fixture.now());
        assertThat(state(deposit)).isEqualTo(Deposit.State.REFUNDED);
        assertThat(balance()).isEqualTo("0");
        assertThat(fixture.balance(Book.COMMISSION)).isEqualTo(Credits.ZERO);
        assertThat(fixture.faults()).isEmpty();
    }

    @Test
    void freezesAnAccountThatChargesBackAndBooksWhatItSpentAsALoss() {
        Deposit deposit = begin("20");
        FakeStripe.Payment payment = stripe.payments().getFirst();
        stripe.pay(payment);
        deliver(stripe.events().getFirst(), fixture.now());
        spend("10");
        stripe.dispute(payment, 2000);
        deliver(stripe.events().getLast(), fixture.now());
        assertThat(state(deposit)).isEqualTo(Deposit.State.CHARGEBACK);
        assertThat(balance()).isEqualTo("0");
        assertThat(fixture.balance(Book.LOSSES)).isEqualTo(Credits.parse("-10"));
        assertThat(fixture.balance(Book.CLEARING)).isEqualTo(Credits.ZERO);
        assertThat(fixture.<Boolean>decide(tx -> tx.frozen().reason(buyer).isPresent())).isTrue();
        assertThat(fixture.faults()).isEmpty();
        stripe.decide(payment, true);
        deliver(stripe.events().getLast(), fixture.now());
        assertThat(state(deposit)).isEqualTo(Deposit.State.POSTED);
        assertThat(balance()).isEqualTo("8");
        assertThat(fixture.balance(Book.LOSSES)).isEqualTo(Credits.ZERO);
        assertThat(fixture.faults()).isEmpty();
    }

    @Test
    void refusesAmountsThatStripeDoesNotTake() {
        assertThatThrownBy(() -> begin("0.001")).hasMessageContaining("whole hundredths");
        assertThatThrownBy(() -> begin("0.10")).hasMessageContaining("amount_too_small");
        assertThat(fixture.market().deals().deposits(buyer).deposits())
                .singleElement()
                .extracting(Deposit::state)
                .isEqualTo(Deposit.State.FAILED);
        assertThatThrownBy(() ->
                        fixture.market()
                                .deposit(
                                        buyer, new DepositRequest(Credits.parse("1"), "test"), KEY))
                .hasMessage("there is no payment provider test here, only stripe");
    }

    /// What Stripe says of a wrong key has parts of it.
    @Test
    void keepsItsKeyToItself() {
        PaymentProvider wrong = provider(stripe, fixture::now, "sk_wrong_0123456789");
        assertThatThrownBy(() ->
                        wrong.begin(
                                new org.sparegrid.protocol.DepositId("dep-aaaaaaaaaaaa"),
                                Credits.parse("5")))
                .isInstanceOf(IOException.class)
                .hasMessage("stripe: checkout session: status 401, AuthenticationException");
        assertThat(new Secret("sk_live_1").toString()).doesNotContain("sk_");
    }

    private Deposit begin(String amount) {
        return fixture.market()
                .deposit(
                        buyer,
                        new DepositRequest(Credits.parse(amount), ""),
                        amount.equals("20") ? KEY : "");
    }

    private Deposit other(String amount) {
        return fixture.market().deposit(buyer, new DepositRequest(Credits.parse(amount), ""), "");
    }

    private void spend(String amount) {
        AccountId friend = fixture.register("friend@grid.example");
        fixture.decide(tx ->
                tx.ledger()
                        .post(
                                Transfers.gift(buyer, friend, "gift-key", Credits.parse(amount)),
                                fixture.now()));
    }

    private void pass(Duration time) {
        fixture.pass(time.toMillis());
        fixture.reconcile();
    }

    private void deliver(String event, Instant at) {
        receive(FakeStripe.deliver(event, at));
    }

    private void receive(Webhook message) {
        fixture.market().webhook("stripe", message.body(), message.headers());
    }

    private String balance() {
        return fixture.balance(Book.wallet(buyer)).toString();
    }

    private Deposit.State state(Deposit deposit) {
        return fixture.market().deposit(buyer, deposit.id()).state();
    }
}
