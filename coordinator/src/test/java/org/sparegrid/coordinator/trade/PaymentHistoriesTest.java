// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
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
import org.sparegrid.coordinator.payment.PaymentProvider;
import org.sparegrid.coordinator.payment.Webhook;
import org.sparegrid.coordinator.store.Store;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.api.Deposit;
import org.sparegrid.protocol.api.DepositRequest;
import org.sparegrid.testsupport.Property;

/// Whatever a provider reports, in any order, any number of times, forged or not, and whenever the
/// coordinator stops: in the end the books hold what the provider holds, and each payment is
/// credited once.
class PaymentHistoriesTest {
    /// More with `-Dpayments.histories=100`.
    private static final int HISTORIES = Integer.getInteger("payments.histories", 4);

    private static final int STEPS = 80;

    @TempDir Path folder;
    private int histories;

    /// Where a coordinator keeps its tables.
    Store store(Path of) {
        return new Store.Sqlite(of.resolve("market.db"));
    }

    private interface Payers {
        RandomPayers at(RandomGenerator random) throws IOException;
    }

    @Test
    void comesToWhatStripeHoldsWhateverHappens() {
        holds(StripePayers::new);
    }

    @Test
    void comesToWhatPayPalHoldsWhateverHappens() {
        holds(PayPalPayers::new);
    }

    private void holds(Payers payers) {
        Property.holds(
                HISTORIES,
                random -> {
                    Path own = Files.createDirectory(folder.resolve("" + histories++));
                    try (History history = new History(own, store(own), payers, random)) {
                        for (int i = 0; i < STEPS; i++) {
                            history.step();
                        }
                        history.check();
                    }
                });
    }

    private static final class History implements AutoCloseable {
        private final RandomGenerator random;
        private final RandomPayers payers;
        private final AtomicBoolean crashNext = new AtomicBoolean();
        private final String provider;
        private final MarketFixture fixture;
        private final List<AccountId> buyers = new ArrayList<>();
        private int gifts;

        History(Path folder, Store store, Payers payers, RandomGenerator random)
                throws IOException {
            this.random = random;
            this.payers = payers.at(random);
            List<PaymentProvider> made = new ArrayList<>();
            fixture =
                    new MarketFixture(
                            folder,
                            store,
                            clock -> {
                                made.add(this.payers.provider(clock));
                                return new CrashingProvider(made.getFirst(), crashNext);
                            });
            provider = made.getFirst().name();
            for (int i = 0; i < 3; i++) {
                buyers.add(fixture.register("buyer" + i + "@grid.example"));
            }
        }

        @Override
        public void close() {
            fixture.close();
            payers.close();
        }

        void step() throws IOException {
            switch (random.nextInt(16)) {
                case 0, 1, 2 -> survive(this::begin);
                case 3, 4 -> payers.pay(this::isTold);
                case 5 -> payers.takeBack();
                case 6 -> payers.decide();
                case 7, 8, 9 -> survive(this::deliver);
                case 10 -> forge();
                case 11 -> {
                    fixture.pass(random.nextLong(1, 4_000_000));
                    survive(fixture::reconcile);
                }
                case 12 -> crashNext.set(true);
                case 13 -> payers.cutNext(random.nextInt(4));
                case 14 -> payers.failNext(random.nextInt(3));
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

        private List<Deposit> deposits() {
            return buyers.stream()
                    .flatMap(buyer -> fixture.market().deals().deposits(buyer).deposits().stream())
                    .toList();
        }

        /// A buyer can pay what he was told where to pay.
        private boolean isTold(String id) {
            return deposits().stream()
                    .anyMatch(deposit ->
                            deposit.id().value().equals(id) && !deposit.payAt().isEmpty());
        }

        private void deliver() {
            if (!payers.events().isEmpty()) {
                receive(payers.deliver(any(payers.events()), fixture.now()));
            }
        }

        /// With a provider that answers: one that doesn't may be the one that knows its signature.
        private void forge() {
            if (payers.events().isEmpty()) {
                return;
            }
            payers.cutNext(0);
            payers.failNext(0);
            Webhook forged = payers.forge(any(payers.events()), fixture.now());
            assertThatThrownBy(() -> receive(forged))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageStartingWith("the message isn't the provider's");
        }

        private void receive(Webhook message) {
            fixture.market().webhook(provider, message.body(), message.headers());
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
            payers.cutNext(0);
            payers.failNext(0);
            crashNext.set(false);
            for (int i = 0; i < 3; i++) {
                fixture.pass(100_000_000);
                survive(fixture::reconcile);
            }
            assertThat(fixture.faults()).isEmpty();
            assertThat(fixture.balance(Book.CLEARING))
                    .isEqualTo(new Credits(-payers.held() * 10_000_000));
            assertThat(deposits().stream().filter(deposit -> deposit.state().isPaid()))
                    .hasSize((int) payers.paid());
        }
    }
}
