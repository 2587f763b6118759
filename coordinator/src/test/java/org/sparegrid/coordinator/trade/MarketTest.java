// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
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
import org.sparegrid.protocol.api.NetworkJoin;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.LeaseProgress.Phase;
import org.sparegrid.protocol.market.LeaseState;
import org.sparegrid.protocol.market.NetworkView;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderState;

class MarketTest {
    @TempDir private Path folder;
    private MarketFixture fixture;
    private AccountId buyer;
    private AccountId owner;
    private ImageId image;

    @BeforeEach
    void open() throws IOException {
        fixture = open(folder);
        buyer = fixture.register("buyer@example.org");
        owner = fixture.register("owner@example.org");
        image = fixture.image(buyer, "bytes");
        fixture.give(buyer, "10");
    }

    MarketFixture open(Path of) throws IOException {
        return new MarketFixture(of);
    }

    @AfterEach
    void close() {
        assertThat(fixture.faults()).isEmpty();
        fixture.close();
    }

    @Test
    void chargesExactlyWhatTheSellerEarnsAndEmptiesTheEscrow() {
        FakeAgent agent = agent(1, "0.333333333", 2);
        Order order = place("blue", 2, 3600);
        assertThat(order.escrow()).isEqualTo(Credits.parse("0.666666666"));
        for (int i = 0; i < 2; i++) {
            agent.run(market(), order.leases().get(i).id(), i + 1);
        }
        assertThat(order(order).state()).isEqualTo(OrderState.RUNNING);
        for (int second = 7; second <= 301; second += 7) {
            fixture.pass(7000);
            for (Lease lease : order.leases()) {
                agent.meter(market(), lease.id(), second * 1000L);
            }
        }
        market().stopOrder(buyer, order.id());
        assertThat(agent.told(CoordinatorMessage.StopLease.class)).hasSize(2);
        for (Lease lease : order.leases()) {
            agent.end(market(), lease.id(), EndReason.SELLER, 301_000);
        }
        Order closed = order(order);
        Credits charge = Credits.parse("0.333333333").perHourFor(301).times(2);
        assertThat(closed.state()).isEqualTo(OrderState.CLOSED);
        assertThat(closed.charged()).isEqualTo(charge);
        assertThat(closed.escrow()).isEqualTo(Credits.ZERO);
        assertThat(closed.leases())
                .allMatch(lease -> lease.state() == LeaseState.SETTLED)
                .allMatch(lease -> lease.ended().equals("BUYER"))
                .allMatch(lease -> lease.billedSeconds() == 301);
        assertThat(fixture.balance(Book.earnings(owner))).isEqualTo(charge);
        assertThat(fixture.balance(Book.wallet(buyer)))
                .isEqualTo(Credits.parse("10").minus(charge));
    }

    @Test
    void chargesNothingForAMachineThatNeverCameUpAndTriesAnother() {
        FakeAgent cheap = agent(1, "0.1", 1);
        FakeAgent dear = agent(2, "0.2", 1);
        Order order = place("blue", 1, 3600);
        LeaseId first = order.leases().getFirst().id();
        cheap.accept(market(), first, 1);
        cheap.end(market(), first, EndReason.START_FAILED, 0);
        Lease second = order(order).leases().getFirst();
        assertThat(second.id()).isNotEqualTo(first);
        assertThat(second.pricePerHour()).isEqualTo(Credits.parse("0.2"));
        assertThat(order(order).escrow()).isEqualTo(Credits.parse("0.2"));
        assertThat(dear.told(CoordinatorMessage.LeaseOffered.class)).hasSize(1);
        dear.say(
                market(),
                new org.sparegrid.protocol.control.AgentMessage.LeaseRejected(second.id(), "no"));
        Order closed = order(order);
        assertThat(closed.state()).isEqualTo(OrderState.CLOSED);
        assertThat(closed.charged()).isEqualTo(Credits.ZERO);
        assertThat(fixture.balance(Book.wallet(buyer))).isEqualTo(Credits.parse("10"));
    }

    @Test
    void takesAnotherSlotWhenAnOfferIsNotAnswered() {
        agent(1, "0.1", 1);
        FakeAgent second = agent(2, "0.2", 1);
        Order order = place("blue", 1, 3600);
        Order offered = order(order);
        fixture.pass(11_000);
        Order moved = fixture.later(buyer, offered);
        assertThat(moved.leases().getFirst().pricePerHour()).isEqualTo(Credits.parse("0.2"));
        // The offer goes out right after the commit that this answer shows.
        Order told = moved;
        while (told.leases().getFirst().state() == LeaseState.RESERVED) {
            told = fixture.later(buyer, told);
        }
        assertThat(second.told(CoordinatorMessage.LeaseOffered.class)).hasSize(1);
    }

    @Test
    void sellsASlotOnceHoweverManyAskAtOnce() throws InterruptedException {
        agent(1, "0.1", 3);
        AtomicInteger placed = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            String name = "net" + i;
            threads.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    place(name, 1, 60);
                                    placed.incrementAndGet();
                                } catch (RefusedException full) {
                                    refused.incrementAndGet();
                                }
                            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(placed).hasValue(3);
        assertThat(refused).hasValue(17);
        assertThat(market().orders(buyer).orders()).flatExtracting(Order::leases).hasSize(3);
    }

    @Test
    void billsWhatRanWhileTheCoordinatorWasDownForAnHour() throws IOException {
        FakeAgent agent = agent(1, "0.36", 1);
        Order order = place("blue", 1, 86_400);
        LeaseId lease = order.leases().getFirst().id();
        agent.run(market(), lease, 1);
        fixture.pass(10_000);
        agent.meter(market(), lease, 10_000);
        fixture.restart();
        fixture.pass(3_600_000);
        agent.connect(market(), FakeAgent.report(lease, Phase.ON_NETWORK, 1, 3_610_000));
        Lease running = market().lease(buyer, lease);
        assertThat(running.state()).isEqualTo(LeaseState.RUNNING);
        assertThat(running.billedSeconds()).isEqualTo(3610);
        assertThat(fixture.balance(Book.earnings(owner))).isEqualTo(Credits.parse("0.361"));
        assertThat(agent.told(CoordinatorMessage.StopLease.class)).isEmpty();
    }

    @Test
    void bringsAnAgentInLineWithTheDatabase() throws IOException {
        FakeAgent agent = agent(1, "0.1", 3);
        Order starting = place("one", 1, 3600);
        Order running = place("two", 1, 3600);
        LeaseId lost = running.leases().getFirst().id();
        agent.accept(market(), starting.leases().getFirst().id(), 1);
        agent.run(market(), lost, 2);
        LeaseId unknown = new LeaseId("vm-zzzzzzzzzzzz");
        fixture.restart();
        agent.forget();
        agent.connect(market(), FakeAgent.report(unknown, Phase.BOOTED, 3, 0));
        assertThat(agent.told(CoordinatorMessage.StopLease.class))
                .extracting(CoordinatorMessage.StopLease::lease)
                .containsExactly(unknown);
        assertThat(agent.told(CoordinatorMessage.LeaseOffered.class))
                .extracting(CoordinatorMessage.LeaseOffered::lease)
                .containsExactly(starting.leases().getFirst().id());
        assertThat(market().lease(buyer, lost).ended()).isEqualTo("FAILED");
    }

    @Test
    void stopsAMachineWhoseTimeIsUsedUp() {
        FakeAgent agent = agent(1, "0.36", 1);
        Order order = place("blue", 1, 60);
        LeaseId lease = order.leases().getFirst().id();
        agent.run(market(), lease, 1);
        fixture.pass(90_000);
        agent.meter(market(), lease, 90_000);
        assertThat(agent.told(CoordinatorMessage.StopLease.class)).hasSize(1);
        agent.end(market(), lease, EndReason.SELLER, 95_000);
        assertThat(market().lease(buyer, lease).ended()).isEqualTo("EXPIRED");
        assertThat(order(order).charged()).isEqualTo(Credits.parse("0.006"));
    }

    @Test
    void keepsARunningMachineWhoseAgentIsAwayForTenMinutesAndNoLonger() {
        FakeAgent agent = agent(1, "0.36", 1);
        Order order = place("blue", 1, 3600);
        LeaseId lease = order.leases().getFirst().id();
        agent.run(market(), lease, 1);
        fixture.pass(10_000);
        agent.meter(market(), lease, 10_000);
        agent.disconnect(market());
        Order before = order(order);
        fixture.pass(601_000);
        Order after = fixture.later(buyer, before);
        assertThat(after.leases().getFirst().ended()).isEqualTo("LOST");
        assertThat(after.state()).isEqualTo(OrderState.CLOSED);
        assertThat(after.charged()).isEqualTo(Credits.parse("0.001"));
    }

    @Test
    void ignoresAReadingThatWentBackwards() {
        FakeAgent agent = agent(1, "0.36", 1);
        LeaseId lease = place("blue", 1, 3600).leases().getFirst().id();
        agent.run(market(), lease, 1);
        fixture.pass(20_000);
        agent.meter(market(), lease, 20_000);
        agent.meter(market(), lease, 5_000);
        assertThat(market().lease(buyer, lease).usage().runMillis()).isEqualTo(20_000);
        assertThat(market().lease(buyer, lease).billedSeconds()).isEqualTo(20);
    }

    @Test
    void introducesTheMembersOfANetwork() {
        FakeAgent agent = agent(1, "0.1", 2);
        Order order = place("blue", 2, 3600);
        agent.run(market(), order.leases().get(0).id(), 1);
        agent.run(market(), order.leases().get(1).id(), 2);
        NetworkJoin join = new NetworkJoin("laptop", FakeAgent.key(3), List.of("192.0.2.9:4500"));
        var self = market().joinNetwork(buyer, order.network(), join).self();
        assertThat(market().joinNetwork(buyer, order.network(), join).self()).isEqualTo(self);
        NetworkView view = market().network(buyer, order.network(), -1, Duration.ZERO);
        assertThat(view.members())
                .extracting(member -> member.name() + " " + member.address())
                .containsExactly("laptop 10.77.0.2", "node1 10.77.0.11", "node2 10.77.0.12");
        List<CoordinatorMessage.NetworkChanged> pushed =
                agent.told(CoordinatorMessage.NetworkChanged.class);
        assertThat(pushed.getLast().network()).isEqualTo(view);
        agent.end(market(), order.leases().get(1).id(), EndReason.POWERED_OFF, 0);
        assertThat(
                        market().network(buyer, order.network(), view.version(), Duration.ZERO)
                                .members())
                .extracting(member -> member.name())
                .containsExactly("laptop", "node1");
    }

    @Test
    void showsAPersonHisOwnThingsOnly() {
        agent(1, "0.1", 1);
        Order order = place("blue", 1, 3600);
        LeaseId lease = order.leases().getFirst().id();
        List.<Runnable>of(
                        () -> market().order(owner, order.id(), -1, Duration.ZERO),
                        () -> market().stopOrder(owner, order.id()),
                        () -> market().lease(owner, lease),
                        () -> market().stopLease(owner, lease),
                        () -> market().console(owner, lease, 0, Duration.ZERO),
                        () -> market().network(owner, order.network(), -1, Duration.ZERO))
                .forEach(request ->
                        assertThatThrownBy(request::run)
                                .isInstanceOf(RefusedException.class)
                                .extracting(why -> ((RefusedException) why).reason())
                                .isEqualTo(RefusedException.Reason.NOT_FOUND));
        assertThat(market().orders(owner).orders()).isEmpty();
    }

    @Test
    void letsAnAgentTouchItsOwnLeasesOnly() {
        agent(1, "0.1", 1);
        FakeAgent other = agent(2, "0.9", 1);
        LeaseId lease = place("blue", 1, 3600).leases().getFirst().id();
        other.run(market(), lease, 5);
        other.end(market(), lease, EndReason.FAILED, 0);
        assertThat(market().lease(buyer, lease).state()).isEqualTo(LeaseState.OFFERED);
        assertThat(other.told(CoordinatorMessage.StopLease.class)).isNotEmpty();
    }

    @Test
    void makesARepeatedRequestTheSameOrderAndRefusesAnotherWithItsKey() {
        agent(1, "0.1", 2);
        var request = MarketFixture.request("blue", image, 1, 3600);
        Order first = market().order(new Caller.Person(buyer), request, "key");
        assertThat(market().order(new Caller.Person(buyer), request, "key").id())
                .isEqualTo(first.id());
        refuses(
                RefusedException.Reason.CONFLICT,
                () ->
                        market().order(
                                        new Caller.Person(buyer),
                                        MarketFixture.request("red", image, 1, 60),
                                        "key"));
        assertThat(market().orders(buyer).orders()).hasSize(1);
    }

    @Test
    void saysWhyAnOrderIsRefusedAndHoldsNothing() {
        agent(1, "1", 1);
        refuses(RefusedException.Reason.NO_MATCH, () -> place("blue", 2, 3600));
        refuses(RefusedException.Reason.FUNDS, () -> place("blue", 1, 360_000));
        refuses(
                RefusedException.Reason.COST_CAP,
                () ->
                        market().order(
                                        new Caller.Person(buyer),
                                        new org.sparegrid.protocol.api.OrderRequest(
                                                MarketFixture.request("blue", image, 1, 3600)
                                                        .spec(),
                                                Credits.parse("0.5"),
                                                false),
                                        ""));
        assertThat(market().wallet(buyer).balance()).isEqualTo(Credits.parse("10"));
        assertThat(market().wallet(buyer).escrow()).isEqualTo(Credits.ZERO);
    }

    private void refuses(RefusedException.Reason reason, Runnable request) {
        assertThatThrownBy(request::run)
                .isInstanceOf(RefusedException.class)
                .extracting(why -> ((RefusedException) why).reason())
                .isEqualTo(reason);
    }

    private Market market() {
        return fixture.market();
    }

    private FakeAgent agent(int number, String price, int slots) {
        return new FakeAgent(fixture.enrol(owner, number), price, slots).connect(market());
    }

    private Order place(String name, int machines, long secondsMax) {
        return market().order(
                        new Caller.Person(buyer),
                        MarketFixture.request(name, image, machines, secondsMax),
                        "");
    }

    private Order order(Order order) {
        return market().order(buyer, order.id(), -1, Duration.ZERO);
    }
}
