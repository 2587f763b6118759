// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.ledger.Transfers;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.payment.Webhook;
import org.sparegrid.coordinator.payment.stripe.FakeStripe;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.api.DepositRequest;
import org.sparegrid.testsupport.Property;

/// Whatever Stripe reports, in any order, any number of times, forged or not, and whenever the
/// coordinator stops: in the end the books hold what Stripe holds, and each payment is credited
/// once.
class StripePaymentsSimulationTest {
    /// More with `-Dpayments.histories=100`.
    private static final int HISTORIES = Integer.getInteger("payments.histories", 4);

    private static final int STEPS = 80;

    @TempDir private Path folder;
    private int histories;

    @Test
    void comesToWhatStripeHoldsWhateverHappens() {
        Property.holds(
                HISTORIES,
                random -> {
                    try (History history = new History(folder.resolve("" + histories++), random)) {
                        for (int i = 0; i < STEPS; i++) {
                            history.step();
                        }
                        history.check();
                    }
                });
    }

    private static final class History implements AutoCloseable {
        private final RandomGenerator random;
        private final FakeStripe stripe = new FakeStripe();
        private final AtomicBoolean crashNext = new AtomicBoolean();
        private final MarketFixture fixture;
        private final List<AccountId> buyers = new ArrayList<>();
        private final List<FakeStripe.Payment> disputed = new ArrayList<>();
        private final List<FakeStripe.Payment> undecided = new ArrayList<>();
        private int gifts;

        History(Path folder, RandomGenerator random) throws IOException {
            this.random = random;
            fixture =
                    new MarketFixture(
                            folder,
                            clock ->
                                    new CrashingProvider(
                                            StripePaymentsTest.provider(
                                                    stripe, clock, FakeStripe.KEY),
                                            crashNext));
            for (int i = 0; i < 3; i++) {
                buyers.add(fixture.register("buyer" + i + "@grid.example"));
            }
        }

        @Override
        public void close() {
            fixture.close();
            stripe.close();
        }

        void step() throws IOException {
            switch (random.nextInt(16)) {
                case 0, 1, 2 -> survive(this::begin);
                case 3, 4 -> pay();
                case 5 -> takeBack();
                case 6 -> decide();
                case 7, 8, 9 -> survive(this::deliver);
                case 10 -> forge();
                case 11 -> {
                    fixture.pass(random.nextLong(1, 4_000_000));
                    survive(fixture::reconcile);
                }
                case 12 -> crashNext.set(true);
                case 13 -> stripe.cutNext(random.nextInt(4));
                case 14 -> stripe.failNext(random.nextInt(3));
                default -> spend();
            }
        }

        /// What stops the coordinator is followed by a start of it.
        private void survive(Runnable work) throws IOException {
            try {
                work.run();
            } catch (CrashingProvider.Crash crash) {
                fixture.restart();
            } catch (RefusedException refused) {
                assertThat(refused.reason()).isEqualTo(RefusedException.Reason.UNAVAILABLE);
            }
        }

        private void begin() {
            Credits amount = new Credits(random.nextLong(50, 10_000) * 10_000_000);
            var _ = fixture.market().deposit(any(buyers), new DepositRequest(amount, ""), "");
        }

        /// A buyer can pay what he was told where to pay.
        private void pay() {
            List<FakeStripe.Payment> open =
                    stripe.payments().stream()
                            .filter(payment -> payment.isOpen() && isTold(payment))
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

        private boolean isTold(FakeStripe.Payment payment) {
            return buyers.stream()
                    .flatMap(buyer -> fixture.market().deals().deposits(buyer).deposits().stream())
                    .anyMatch(deposit ->
                            deposit.id().value().equals(payment.deposit())
                                    && !deposit.payAt().isEmpty());
        }

        private void takeBack() {
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

        /// A dispute is decided once.
        private void decide() {
            if (!undecided.isEmpty()) {
                FakeStripe.Payment payment = any(undecided);
                undecided.remove(payment);
                stripe.decide(payment, random.nextBoolean());
            }
        }

        private void deliver() {
            if (!stripe.events().isEmpty()) {
                receive(FakeStripe.deliver(any(stripe.events()), fixture.now()));
            }
        }

        private void forge() {
            if (stripe.events().isEmpty()) {
                return;
            }
            String event = any(stripe.events());
            Webhook forged =
                    random.nextBoolean()
                            ? FakeStripe.sign(event, fixture.now(), "whsec_forged")
                            : FakeStripe.deliver(
                                    event, fixture.now().minusSeconds(random.nextInt(301, 9_999)));
            assertThatThrownBy(() -> receive(forged))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageStartingWith("the message isn't the provider's");
        }

        private void receive(Webhook message) {
            fixture.market().webhook("stripe", message.body(), message.headers());
        }

        private void spend() {
            AccountId buyer = buyers.getFirst();
            long has = fixture.balance(Book.wallet(buyer)).nanos();
            if (has > 0) {
                Credits part = new Credits(random.nextLong(1, has + 1));
                String key = "gift" + gifts++;
                fixture.decide(tx ->
                        tx.ledger()
                                .post(
                                        Transfers.gift(buyer, buyers.getLast(), key, part),
                                        fixture.now()));
            }
        }

        private <T> T any(List<T> choice) {
            return choice.get(random.nextInt(choice.size()));
        }

        void check() throws IOException {
            stripe.cutNext(0);
            stripe.failNext(0);
            crashNext.set(false);
            for (int i = 0; i < 3; i++) {
                fixture.pass(100_000_000);
                survive(fixture::reconcile);
            }
            assertThat(fixture.faults()).isEmpty();
            long held = stripe.payments().stream().mapToLong(FakeStripe.Payment::held).sum();
            assertThat(fixture.balance(Book.CLEARING)).isEqualTo(new Credits(-held * 10_000_000));
            long paid = stripe.payments().stream().filter(FakeStripe.Payment::isPaid).count();
            assertThat(
                            buyers.stream()
                                    .flatMap(buyer ->
                                            fixture
                                                    .market()
                                                    .deals()
                                                    .deposits(buyer)
                                                    .deposits()
                                                    .stream())
                                    .filter(deposit -> deposit.state().isPaid()))
                    .hasSize((int) paid);
        }
    }
}
