// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.payment.PaymentProvider;
import org.sparegrid.coordinator.payment.TestProvider;
import org.sparegrid.coordinator.payment.stripe.FakeStripe;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.api.Deposit;
import org.sparegrid.protocol.api.DepositRequest;

/// Whether the books are what Stripe says.
class ReconciliationTest {
    @TempDir private Path folder;
    private FakeStripe stripe;
    private MarketFixture fixture;
    private PaymentProvider provider;
    private AccountId buyer;

    @BeforeEach
    void open() throws IOException {
        stripe = new FakeStripe();
        fixture =
                new MarketFixture(
                        folder,
                        clock -> StripePaymentsTest.provider(stripe, clock, FakeStripe.KEY));
        provider = StripePaymentsTest.provider(stripe, fixture::now, FakeStripe.KEY);
        buyer = fixture.register("buyer@grid.example");
    }

    @AfterEach
    void close() {
        assertThat(fixture.faults()).isEmpty();
        fixture.close();
        stripe.close();
    }

    @Test
    void findsThatAllIsTheSame() throws IOException {
        deposit("20");
        deposit("30");
        stripe.pay(stripe.payments().getFirst());
        look();
        Reconciliation.Result result = fixture.reconciled(provider);
        assertThat(result.differences()).isEmpty();
        assertThat(result.asked()).isEqualTo(2);
        assertThat(result.received()).isEqualTo(Credits.parse("20"));
        assertThat(result.gone()).isEqualTo(Credits.ZERO);
        assertThat(result.provider()).isEqualTo("stripe");
    }

    @Test
    void findsWhatIsNotBookedYetAndHasItBooked() throws IOException {
        DepositId paid = deposit("20");
        DepositId refunded = deposit("30");
        stripe.pay(stripe.payments().getLast());
        look();
        stripe.pay(stripe.payments().getFirst());
        stripe.refund(stripe.payments().getLast(), 1000);
        assertThat(fixture.reconciled(provider).differences())
                .containsExactlyInAnyOrder(
                        new Reconciliation.Difference(paid, "it is paid there, PENDING here"),
                        new Reconciliation.Difference(
                                refunded,
                                "given back, charged back and won again is 10, 0 and 0 there,"
                                        + " 0, 0 and 0 here"));

        Providers providers = fixture.providers(provider);
        assertThat(providers.look(paid)).isEqualTo(Deposit.State.POSTED);
        assertThat(providers.look(refunded)).isEqualTo(Deposit.State.POSTED);
        Reconciliation.Result result = fixture.reconciled(provider);
        assertThat(result.differences()).isEmpty();
        assertThat(result.received()).isEqualTo(Credits.parse("50"));
        assertThat(result.gone()).isEqualTo(Credits.parse("10"));
    }

    /// Money in the books that never came.
    @Test
    void findsWhatIsBookedAndWasNotPaid() throws IOException {
        DepositId deposit = deposit("20");
        fixture.decide(tx -> {
            tx.deposits().setState(deposit, Deposit.State.POSTED);
            return true;
        });
        assertThat(fixture.reconciled(provider).differences())
                .containsExactly(
                        new Reconciliation.Difference(deposit, "it is OPEN there, POSTED here"));
        fixture.decide(tx -> {
            tx.deposits().setState(deposit, Deposit.State.PENDING);
            return true;
        });
    }

    @Test
    void countsThePaymentsOfOtherProviders() throws IOException {
        deposit("20");
        Reconciliation.Result result =
                fixture.reconciled(TestProvider.at(fixture::now).apply(_ -> {}));
        assertThat(result.asked()).isZero();
        assertThat(result.others()).isOne();
    }

    @Test
    void goesThroughMoreThanOnePage() throws IOException {
        for (int i = 0; i < 450; i++) {
            deposit("1");
        }
        assertThat(fixture.reconciled(provider).asked()).isEqualTo(450);
    }

    @Test
    void givesUpAProviderThatIsAway() throws IOException {
        for (int i = 0; i < 5; i++) {
            deposit("1");
        }
        stripe.close();
        assertThatThrownBy(() -> fixture.reconciled(provider))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("stripe doesn't answer: ");
    }

    private DepositId deposit(String amount) {
        return fixture.market()
                .deposit(buyer, new DepositRequest(Credits.parse(amount), ""), "")
                .id();
    }

    private void look() {
        fixture.pass(Duration.ofDays(1).toMillis());
        fixture.reconcile();
    }
}
