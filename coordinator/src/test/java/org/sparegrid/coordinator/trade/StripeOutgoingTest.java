// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.ledger.Transfers;
import org.sparegrid.coordinator.operation.Caller;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.payment.stripe.FakeStripe;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.api.Deposit;
import org.sparegrid.protocol.api.DepositRequest;
import org.sparegrid.protocol.api.Payout;

/// Money that the operator has Stripe give back and pay out.
class StripeOutgoingTest {
    @TempDir Path folder;
    private final AtomicBoolean crashNext = new AtomicBoolean();
    private FakeStripe stripe;
    private MarketFixture fixture;
    private Providers providers;
    private AccountId buyer;
    private Deposit deposit;

    @BeforeEach
    void open() throws IOException {
        stripe = new FakeStripe();
        fixture =
                new MarketFixture(
                        folder,
                        clock -> StripePaymentsTest.provider(stripe, clock, FakeStripe.KEY));
        providers =
                fixture.providers(
                        new CrashingProvider(
                                StripePaymentsTest.provider(stripe, fixture::now, FakeStripe.KEY),
                                crashNext));
        buyer = fixture.register("buyer@grid.example");
        deposit = fixture.market().deposit(buyer, new DepositRequest(Credits.parse("20"), ""), "");
        stripe.pay(stripe.payments().getFirst());
        look();
    }

    @AfterEach
    void close() {
        assertThat(fixture.faults()).isEmpty();
        fixture.close();
        stripe.close();
    }

    @Test
    void givesAPaymentBackOnce() throws IOException {
        assertThat(providers.refund(deposit.id())).isEqualTo(Deposit.State.REFUNDED);
        assertThat(fixture.balance(Book.wallet(buyer))).isEqualTo(Credits.ZERO);
        assertThat(fixture.balance(Book.COMMISSION)).isEqualTo(Credits.ZERO);
        assertThat(stripe.payments().getFirst().refunded()).isEqualTo(2000);
        assertThatThrownBy(() -> providers.refund(deposit.id()))
                .hasMessageContaining("only a payment that is whole in the wallet");
        look();
        assertThat(fixture.balance(Book.CLEARING)).isEqualTo(Credits.ZERO);
    }

    @Test
    void givesBackOnlyWhatTheWalletHolds() {
        AccountId friend = fixture.register("friend@grid.example");
        fixture.decide(tx ->
                tx.ledger()
                        .post(
                                Transfers.gift(buyer, friend, "gift", Credits.parse("1")),
                                fixture.now()));
        assertThatThrownBy(() -> providers.refund(deposit.id()))
                .isInstanceOf(RefusedException.class)
                .hasMessage("18 would leave the wallet, which holds 17");
        assertThat(stripe.payments().getFirst().refunded()).isZero();
    }

    @Test
    void givesBackOnceThoughItIsStoppedMeanwhile() throws IOException {
        crashNext.set(true);
        assertThatThrownBy(() -> providers.refund(deposit.id()))
                .isInstanceOf(CrashingProvider.Crash.class);
        assertThat(providers.refund(deposit.id())).isEqualTo(Deposit.State.REFUNDED);
        assertThat(stripe.payments().getFirst().refunded()).isEqualTo(2000);
    }

    @Test
    void findsOutByItselfWhatWasGivenBack() {
        crashNext.set(true);
        assertThatThrownBy(() -> providers.refund(deposit.id()))
                .isInstanceOf(CrashingProvider.Crash.class);
        look();
        assertThat(fixture.market().deposit(buyer, deposit.id()).state())
                .isEqualTo(Deposit.State.REFUNDED);
    }

    @Test
    void paysOutOnceThoughItIsStoppedMeanwhile() throws IOException {
        Payout payout = earnAndAsk("acct_1AbC");
        crashNext.set(true);
        assertThatThrownBy(() -> providers.payOut(payout.id()))
                .isInstanceOf(CrashingProvider.Crash.class);
        // Nobody may give the amount back now: Stripe paid it.
        assertThatThrownBy(() ->
                        fixture.decide(tx ->
                                Decisions.close(tx, "operator", payout.id(), false, fixture.now())))
                .hasMessageContaining("stripe was told to pay");
        fixture.pass(Duration.ofDays(3).toMillis());
        assertThat(providers.payOut(payout.id())).startsWith("tr_");
        assertThat(stripe.transfers())
                .singleElement()
                .satisfies(sent -> assertThat(sent.get("amount").getAsLong()).isEqualTo(300));
        assertThat(state(payout)).isEqualTo(Payout.State.PAID);
        assertThatThrownBy(() -> providers.payOut(payout.id()))
                .hasMessageContaining("was closed before");
    }

    @Test
    void leavesWhatStripeDoesNotPayToTheOperator() {
        Payout payout = earnAndAsk("IBAN 12 34");
        assertThatThrownBy(() -> providers.payOut(payout.id()))
                .hasMessageContaining("stripe pays connected accounts only");
        assertThat(state(payout)).isEqualTo(Payout.State.PENDING);
        assertThat(
                        fixture.<Boolean>decide(tx ->
                                Decisions.close(tx, "operator", payout.id(), true, fixture.now())))
                .isTrue();
    }

    @Test
    void paysNoFrozenAccount() {
        Payout payout = earnAndAsk("acct_1AbC");
        stripe.dispute(stripe.payments().getFirst(), 100);
        look();
        assertThatThrownBy(() -> providers.payOut(payout.id())).hasMessageContaining("is frozen");
        assertThat(stripe.transfers()).isEmpty();
    }

    /// The buyer sells, too, in this test.
    private Payout earnAndAsk(String destination) {
        OrderId order = new OrderId("ord-aaaaaaaaaaaa");
        LeaseId lease = new LeaseId("vm-aaaaaaaaaaaa");
        Credits amount = Credits.parse("3");
        fixture.decide(tx -> {
            Transfers.hold(order, buyer, "hold", amount)
                    .ifPresent(transfer -> tx.ledger().post(transfer, fixture.now()));
            Transfers.settle(lease, 1, order, buyer, buyer, amount)
                    .ifPresent(transfer -> tx.ledger().post(transfer, fixture.now()));
            return true;
        });
        return fixture.market()
                .deals()
                .payOut(
                        new Caller.Person(buyer),
                        new Payout.Request(amount, destination),
                        "payout-key");
    }

    private Payout.State state(Payout payout) {
        return fixture.market().deals().payouts(buyer).payouts().stream()
                .filter(each -> each.id().equals(payout.id()))
                .findFirst()
                .orElseThrow()
                .state();
    }

    private void look() {
        fixture.pass(Duration.ofDays(1).toMillis());
        fixture.reconcile();
    }
}
