// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.operation.Caller;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.api.ApiKey;
import org.sparegrid.protocol.api.ApiKey.Scope;
import org.sparegrid.protocol.api.Gift;
import org.sparegrid.protocol.api.Payout;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderState;
import org.sparegrid.testsupport.Property;

/// Programs that act for an account, and what they may spend.
class ApiKeysTest {
    @TempDir Path folder;
    private MarketFixture fixture;
    private AccountId buyer;
    private AccountId owner;
    private ImageId image;
    private int orders;

    /// The market that is tried.
    MarketFixture open(Path empty) throws IOException {
        return new MarketFixture(empty);
    }

    @BeforeEach
    void open() throws IOException {
        fixture = open(folder);
        buyer = fixture.register("buyer@example.org");
        owner = fixture.register("owner@example.org");
        image = fixture.image(buyer, "bytes");
        fixture.give(buyer, "10");
    }

    @AfterEach
    void close() {
        assertThat(fixture.faults()).isEmpty();
        fixture.close();
    }

    private ApiKey.Made make(String spendMax) {
        return fixture.market()
                .keys()
                .make(
                        buyer,
                        new ApiKey.Request(
                                "robot",
                                List.of(Scope.WALLET, Scope.ORDER),
                                Credits.parse(spendMax),
                                30));
    }

    private Caller.Holder holder(ApiKey.Made made) {
        return fixture.market().holder(made.token()).orElseThrow();
    }

    private Credits spent(ApiKey.Made made) {
        return fixture.market().keys().list(buyer).keys().stream()
                .filter(key -> key.id().equals(made.key().id()))
                .findAny()
                .orElseThrow()
                .spent();
    }

    private FakeAgent agent(int number, String price, int slots) {
        return new FakeAgent(fixture.enrol(owner, number), price, slots).connect(fixture.market());
    }

    private Order place(Caller.Holder payer, long seconds) {
        return fixture.market()
                .order(payer, MarketFixture.request("net" + orders++, image, 1, seconds), "");
    }

    private void refuses(RefusedException.Reason reason, Runnable asked) {
        assertThatThrownBy(asked::run)
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(reason));
    }

    @Test
    void countsWhatOrdersHoldAndGivesBackWhatTheyDoNotUse() {
        FakeAgent agent = agent(1, "0.36", 3);
        ApiKey.Made key = make("0.5");
        Order order = place(holder(key), 3600);
        assertThat(spent(key)).isEqualTo(Credits.parse("0.36"));
        refuses(RefusedException.Reason.COST_CAP, () -> place(holder(key), 3600));
        assertThat(fixture.balance(Book.wallet(buyer))).isEqualTo(Credits.parse("9.64"));
        // A person isn't bound by what a key may spend.
        Order own = place(new Caller.Person(buyer), 3600);
        agent.run(fixture.market(), own.leases().getFirst().id(), 2);
        assertThat(spent(key)).isEqualTo(Credits.parse("0.36"));
        LeaseId lease = order.leases().getFirst().id();
        agent.run(fixture.market(), lease, 1);
        fixture.pass(100_000);
        agent.meter(fixture.market(), lease, 100_000);
        fixture.market().stopOrder(buyer, order.id());
        agent.end(fixture.market(), lease, EndReason.BUYER, 100_000);
        assertThat(spent(key)).isEqualTo(Credits.parse("0.01"));
        place(holder(key), 3600);
        assertThat(spent(key)).isEqualTo(Credits.parse("0.37"));
    }

    @Test
    void refusesAReplacementForWhichTheKeyMayNotPay() {
        FakeAgent failing = agent(1, "0.1", 1);
        agent(2, "0.4", 1);
        ApiKey.Made key = make("0.3");
        Order order = place(holder(key), 3600);
        failing.end(fixture.market(), order.leases().getFirst().id(), EndReason.START_FAILED, 0);
        Order closed = fixture.market().order(buyer, order.id(), -1, Duration.ZERO);
        assertThat(closed.state()).isEqualTo(OrderState.CLOSED);
        assertThat(spent(key)).isEqualTo(Credits.ZERO);
        assertThat(fixture.balance(Book.wallet(buyer))).isEqualTo(Credits.parse("10"));
    }

    @Test
    void countsGiftsAndPayouts() {
        ApiKey.Made key = make("3");
        Gift gift = new Gift(owner, Credits.parse("2"));
        fixture.market().deals().give(holder(key), gift, "gift-no-1");
        fixture.market().deals().give(holder(key), gift, "gift-no-1");
        assertThat(spent(key)).isEqualTo(Credits.parse("2"));
        refuses(
                RefusedException.Reason.COST_CAP,
                () -> fixture.market().deals().give(holder(key), gift, "gift-no-2"));
        earn();
        Payout.Request payout = new Payout.Request(Credits.parse("1.01"), "IBAN 1");
        refuses(
                RefusedException.Reason.COST_CAP,
                () -> fixture.market().deals().payOut(holder(key), payout, "payout-1"));
        // What moves between books of the account has not left it.
        fixture.market()
                .deals()
                .give(holder(key), new Gift(buyer, Credits.parse("1.5")), "gift-no-3");
        assertThat(spent(key)).isEqualTo(Credits.parse("2"));
    }

    /// The buyer's own computer earns 1.8 by what another account orders.
    private void earn() {
        FakeAgent own = new FakeAgent(fixture.enrol(buyer, 9), "0.9", 1).connect(fixture.market());
        ImageId its = fixture.image(owner, "its bytes");
        Order order =
                fixture.market()
                        .order(
                                new Caller.Person(owner),
                                MarketFixture.request("earning", its, 1, 7800),
                                "");
        LeaseId lease = order.leases().getFirst().id();
        own.run(fixture.market(), lease, 1);
        for (int second = 60; second <= 7200; second += 60) {
            fixture.pass(60_000);
            own.meter(fixture.market(), lease, second * 1000L);
        }
        own.end(fixture.market(), lease, EndReason.BUYER, 7_200_000);
        assertThat(fixture.balance(Book.earnings(buyer))).isEqualTo(Credits.parse("1.8"));
    }

    @Test
    void endsKeys() {
        ApiKey.Made made = make("1");
        assertThat(made.token()).matches("sgk_[A-Za-z0-9_-]{43}");
        assertThat(made.toString()).doesNotContain(made.token());
        assertThat(holder(made))
                .isEqualTo(
                        new Caller.Program(
                                buyer, made.key().id(), Set.of(Scope.ORDER, Scope.WALLET)));
        assertThat(fixture.market().holder(made.token() + "A")).isEmpty();
        refuses(
                RefusedException.Reason.NOT_FOUND,
                () -> fixture.market().keys().revoke(owner, made.key().id()));
        assertThat(holder(made).account()).isEqualTo(buyer);
        assertThat(fixture.market().keys().revoke(buyer, made.key().id()).state())
                .isEqualTo(ApiKey.State.REVOKED);
        assertThat(fixture.market().holder(made.token())).isEmpty();

        ApiKey.Made old = make("1");
        fixture.pass(Duration.ofDays(30).toMillis());
        assertThat(fixture.market().holder(old.token())).isEmpty();
        assertThat(fixture.market().keys().list(buyer).keys())
                .extracting(ApiKey::state)
                .containsExactly(ApiKey.State.EXPIRED, ApiKey.State.REVOKED);

        ApiKey.Made frozen = make("1");
        fixture.decide(tx -> {
            tx.frozen().put(buyer, "he cheats", fixture.now());
            return true;
        });
        assertThat(fixture.market().holder(frozen.token())).isEmpty();
    }

    @Test
    void spendsExactlyWhatItsOrdersTookAndNeverMore() {
        FakeAgent agent = agent(1, "0.333333333", 50);
        Property.holds(
                5,
                random -> {
                    ApiKey.Made key = make("0.7");
                    List<Order> live = new ArrayList<>();
                    List<Order> all = new ArrayList<>();
                    for (int step = 0; step < 30; step++) {
                        if (live.isEmpty() || random.nextInt(3) > 0) {
                            tryToOrder(random, agent, key)
                                    .ifPresent(order -> {
                                        live.add(order);
                                        all.add(order);
                                    });
                        } else {
                            stop(random, agent, live.remove(random.nextInt(live.size())));
                        }
                        Credits took = took(key, all);
                        assertThat(took).isLessThanOrEqualTo(Credits.parse("0.7"));
                    }
                    live.forEach(order -> stop(random, agent, order));
                });
    }

    /// What is held and was paid for those orders, by the books: what the key's row must say, too.
    /// All of it is of one moment, as the market's clock ends orders beside us.
    private Credits took(ApiKey.Made key, List<Order> orders) {
        return fixture.decide(tx -> {
            Credits took = Credits.ZERO;
            for (Order order : orders) {
                took = took.plus(tx.ledger().balance(Book.escrow(order.id(), buyer)));
                for (LeaseTable.Row lease : tx.leases().ofOrder(order.id())) {
                    took = took.plus(lease.charged());
                }
            }
            assertThat(tx.keys().find(buyer, key.key().id(), fixture.now()).orElseThrow().spent())
                    .isEqualTo(took);
            return took;
        });
    }

    private Optional<Order> tryToOrder(RandomGenerator random, FakeAgent agent, ApiKey.Made key) {
        try {
            Order order = place(holder(key), 600 + random.nextInt(4000));
            agent.run(fixture.market(), order.leases().getFirst().id(), 1);
            return Optional.of(order);
        } catch (RefusedException refused) {
            assertThat(refused.reason()).isEqualTo(RefusedException.Reason.COST_CAP);
            return Optional.empty();
        }
    }

    private void stop(RandomGenerator random, FakeAgent agent, Order order) {
        LeaseId lease = order.leases().getFirst().id();
        long ran = random.nextInt(5_000);
        fixture.pass(ran);
        agent.meter(fixture.market(), lease, ran);
        fixture.market().stopOrder(buyer, order.id());
        agent.end(fixture.market(), lease, EndReason.BUYER, ran);
    }
}
