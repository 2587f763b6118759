// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.operation.Caller;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.api.OrderRequest;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderState;
import org.sparegrid.protocol.market.Quote;
import org.sparegrid.testsupport.Property;

/// Runs that end at a limit of cost, and what a quote says of a run beforehand.
class CostLimitTest {
    @TempDir Path folder;
    private MarketFixture fixture;
    private AccountId buyer;
    private AccountId owner;
    private ImageId image;

    @BeforeEach
    void open() throws IOException {
        fixture = new MarketFixture(folder);
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

    private FakeAgent agent(int number, String price) {
        return new FakeAgent(fixture.enrol(owner, number), price, 1).connect(fixture.market());
    }

    private Order place(int machines, String limit) {
        OrderRequest all = MarketFixture.request("blue", image, machines, 36_000);
        return fixture.market()
                .order(
                        new Caller.Person(buyer),
                        new OrderRequest(all.spec(), Credits.parse(limit), true),
                        "");
    }

    private Order order(Order order) {
        return fixture.market().order(buyer, order.id(), -1, Duration.ZERO);
    }

    @Test
    void stopsTheRunToTheSecond() {
        FakeAgent cheap = agent(1, "0.36");
        FakeAgent dear = agent(2, "0.72");
        Order order = place(2, "0.1");
        assertThat(order.escrow()).isEqualTo(Credits.parse("0.1"));
        LeaseId first = order.leases().getFirst().id();
        LeaseId second = order.leases().getLast().id();
        cheap.run(fixture.market(), first, 1);
        dear.run(fixture.market(), second, 2);
        for (int millis = 9000; millis <= 324_000; millis += 9000) {
            fixture.pass(9000);
            cheap.meter(fixture.market(), first, millis);
            dear.meter(fixture.market(), second, millis);
        }
        assertThat(order(order).state()).isEqualTo(OrderState.RUNNING);
        // 333 s of both cost 0.0999, and another one of the dear machine would be too much.
        fixture.pass(9000);
        cheap.meter(fixture.market(), first, 333_000);
        dear.meter(fixture.market(), second, 333_000);
        assertThat(cheap.told(CoordinatorMessage.StopLease.class)).hasSize(1);
        assertThat(dear.told(CoordinatorMessage.StopLease.class)).hasSize(1);
        fixture.pass(5000);
        cheap.end(fixture.market(), first, EndReason.BUYER, 338_000);
        dear.end(fixture.market(), second, EndReason.BUYER, 338_000);

        Order closed = order(order);
        assertThat(closed.state()).isEqualTo(OrderState.CLOSED);
        assertThat(closed.leases()).extracting(Lease::ended).containsOnly("BUDGET");
        assertThat(closed.leases()).extracting(Lease::billedSeconds).containsExactly(334L, 333L);
        assertThat(closed.charged()).isEqualTo(Credits.parse("0.1"));
        assertThat(closed.escrow()).isEqualTo(Credits.ZERO);
        assertThat(fixture.balance(Book.earnings(owner))).isEqualTo(Credits.parse("0.1"));
        assertThat(fixture.balance(Book.wallet(buyer))).isEqualTo(Credits.parse("9.9"));
    }

    @Test
    void neverBillsMoreThanTheLimitHoweverReadingsCome() {
        List<String> prices = List.of("0.333333333", "0.1", "0.777");
        List<FakeAgent> agents =
                List.of(agent(1, prices.get(0)), agent(2, prices.get(1)), agent(3, prices.get(2)));
        Property.holds(
                5,
                random -> {
                    Credits limit = new Credits(random.nextLong(50_000_000, 300_000_000));
                    Order order = place(3, limit.toString());
                    for (int i = 0; i < 3; i++) {
                        FakeAgent agent = agentOf(agents, order.leases().get(i));
                        agent.run(fixture.market(), order.leases().get(i).id(), i + 1);
                    }
                    long now = 0;
                    while (order(order).state() == OrderState.RUNNING) {
                        long step = random.nextLong(100, 60_000);
                        now += step;
                        fixture.pass(step);
                        int one = random.nextInt(3);
                        Lease lease = order.leases().get(one);
                        agentOf(agents, lease).meter(fixture.market(), lease.id(), now);
                    }
                    for (int i = 0; i < 3; i++) {
                        Lease lease = order.leases().get(i);
                        agentOf(agents, lease)
                                .end(fixture.market(), lease.id(), EndReason.BUYER, now + 1);
                    }
                    Order closed = order(order);
                    assertThat(closed.state()).isEqualTo(OrderState.CLOSED);
                    assertThat(closed.charged()).isLessThanOrEqualTo(limit);
                    assertThat((double) closed.charged().nanos())
                            .isCloseTo(limit.nanos(), within(0.777e9 / 3600 + 3));
                });
    }

    private static FakeAgent agentOf(List<FakeAgent> agents, Lease lease) {
        return agents.get(Integer.parseInt(lease.seller().value(), 16) - 1);
    }

    @Test
    void refusesALimitThatPaysForLessThanAMinute() {
        agent(1, "0.36");
        assertThatThrownBy(() -> place(1, "0.0059"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("pays for less than 60 s");
        assertThat(place(1, "0.006").escrow()).isEqualTo(Credits.parse("0.006"));
    }

    @Test
    void affordsAsManySecondsAsTheRestPaysFor() {
        Property.holds(
                5000,
                random -> {
                    Credits price = new Credits(1 + random.nextLong(1L << random.nextInt(1, 40)));
                    Credits left = new Credits(random.nextLong(1L << random.nextInt(1, 40)));
                    long seconds = Budget.seconds(left, price);
                    assertThat(price.perHourFor(seconds)).isLessThanOrEqualTo(left);
                    assertThat(price.perHourFor(seconds + 1)).isGreaterThan(left);
                });
        assertThat(Budget.seconds(new Credits(-1), new Credits(1))).isZero();
    }

    @Test
    void quotesWhatTheLeasesSoFarLetExpect() {
        FakeAgent agent = agent(1, "0.36");
        var spec = MarketFixture.request("blue", image, 1, 36_000).spec();
        Quote before = fixture.market().quote(buyer, spec);
        assertThat(before.startSeconds()).isZero();
        assertThat(before.interruptions()).isCloseTo(0.1, within(1e-9));
        Order order =
                fixture.market()
                        .order(
                                new Caller.Person(buyer),
                                new OrderRequest(spec, Credits.MAX, false),
                                "");
        LeaseId lease = order.leases().getFirst().id();
        fixture.pass(41_500);
        agent.run(fixture.market(), lease, 1);
        fixture.pass(3_600_000);
        agent.meter(fixture.market(), lease, 3_600_000);
        agent.end(fixture.market(), lease, EndReason.FAILED, 3_600_000);
        Quote after = fixture.market().quote(buyer, spec);
        assertThat(after.startSeconds()).isEqualTo(42);
        double usual = 2 / 101.0;
        assertThat(after.interruptions()).isCloseTo(10 * (1 + usual * 24) / 25, within(1e-6));
    }
}
