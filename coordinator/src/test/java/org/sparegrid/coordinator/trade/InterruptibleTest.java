// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.market.formula.Interruptions;
import org.sparegrid.coordinator.operation.Caller;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.api.ExplanationRequest;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.LeaseEvent;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.protocol.market.LeaseState;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderState;
import org.sparegrid.protocol.market.Placement;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.QueryException;

class InterruptibleTest {
    private static final Placement FIRM = waiting(false, 600);
    private static final Placement INTERRUPTIBLE = waiting(true, 0);
    private static final Placement PATIENT = waiting(true, 600);

    @TempDir private Path folder;
    private MarketFixture fixture;
    private AccountId buyer;
    private AccountId other;
    private AccountId owner;
    private ImageId image;
    private ImageId otherImage;

    @BeforeEach
    void open() throws IOException {
        fixture = open(folder);
        buyer = fixture.register("buyer@example.org");
        other = fixture.register("other@example.org");
        owner = fixture.register("owner@example.org");
        image = fixture.image(buyer, "bytes");
        otherImage = fixture.image(other, "other bytes");
        fixture.give(buyer, "10");
        fixture.give(other, "10");
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
    void displacesAMachineAfterNoticeAndPaysItsSellerToItsEnd() {
        FakeAgent agent = sell(1, "0.333333333", 1);
        Order spare = place(other, 1, INTERRUPTIBLE);
        Lease victim = spare.leases().getFirst();
        agent.run(market(), victim.id(), 1);
        Order firm = place(buyer, 1, FIRM);
        assertThat(firm.state()).isEqualTo(OrderState.OPEN);
        sweep();
        Instant end = fixture.now().plusSeconds(120);
        assertThat(only(other, spare).endsAt()).isEqualTo(end.toString());
        assertThat(market().lease(other, victim.id()).endsAt()).isEqualTo(end.toString());
        assertThat(only(other, spare).events().getLast().detail())
                .isEqualTo("ends at " + end + ", displaced by a firm order");
        fixture.pass(119_000);
        agent.meter(market(), victim.id(), 119_000);
        sweep();
        assertThat(only(other, spare).state()).isEqualTo(LeaseState.RUNNING);
        fixture.pass(1_000);
        sweep();
        assertThat(agent.told(CoordinatorMessage.StopLease.class)).hasSize(1);
        assertThat(only(other, spare).state()).isEqualTo(LeaseState.STOPPING);
        fixture.pass(3_000);
        agent.end(market(), victim.id(), EndReason.SELLER, 123_000);
        assertThatThrownBy(() -> place(other, 1, INTERRUPTIBLE))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("0 of 1 machines can be had now");
        sweep();
        Order started = order(buyer, firm);
        assertThat(started.leases()).hasSize(1);
        assertThat(started.leases().getFirst().seller()).isEqualTo(victim.seller());
        Lease over = only(other, spare);
        Credits charge = Credits.parse("0.333333333").perHourFor(123);
        assertThat(over.ended()).isEqualTo("PREEMPTED");
        assertThat(over.endsAt()).isEmpty();
        assertThat(over.charged()).isEqualTo(charge);
        assertThat(order(other, spare).state()).isEqualTo(OrderState.CLOSED);
        assertThat(order(other, spare).reason())
                .isEqualTo("node1 ended last: a firm order displaced this interruptible machine");
        assertThat(fixture.balance(Book.earnings(owner))).isEqualTo(charge);
        assertThat(fixture.balance(Book.wallet(other)))
                .isEqualTo(Credits.parse("10").minus(charge));
        assertThat(lost(victim.seller())).isZero();
    }

    @Test
    void displacesNoFirmMachineAndNoneForAnInterruptibleOrder() {
        sell(1, "0.1", 1);
        Order first = place(other, 1, waiting(false, 0));
        Order firm = place(buyer, 1, FIRM);
        sweep();
        assertThat(only(other, first).endsAt()).isEmpty();
        market().stopOrder(buyer, firm.id());
        market().stopOrder(other, first.id());
        sell(2, "0.1", 1);
        Order spare = place(other, 1, INTERRUPTIBLE);
        place(buyer, 1, PATIENT);
        sweep();
        assertThat(only(other, spare).endsAt()).isEmpty();
    }

    @Test
    void displacesNothingThatWouldNotHelp() {
        sell(1, "0.9", 1);
        sell(2, "0.1", 1);
        Order dear = place(other, 2, INTERRUPTIBLE);
        Order three = place(buyer, 3, FIRM);
        Order cheap = cheap("0.05");
        Order hurried = place(buyer, 1, waiting(false, 149));
        sweep();
        assertThat(order(other, dear).leases()).allMatch(lease -> lease.endsAt().isEmpty());
        assertThat(List.of(three, cheap, hurried))
                .allMatch(order -> order(buyer, order).state() == OrderState.OPEN);
    }

    @Test
    void choosesTheCheapestThenTheYoungestAndTheBuyersOwnLast() {
        sell(1, "0.1", 1);
        Order own = place(buyer, 1, INTERRUPTIBLE);
        sell(2, "0.3", 1);
        Order dear = place(other, 1, INTERRUPTIBLE);
        sell(3, "0.2", 1);
        Order older = place(other, 1, INTERRUPTIBLE);
        fixture.pass(1_000);
        sell(4, "0.2", 1);
        Order younger = place(other, 1, INTERRUPTIBLE);
        place(buyer, 1, FIRM);
        sweep();
        assertThat(only(other, younger).endsAt()).isNotEmpty();
        assertThat(only(other, older).endsAt()).isEmpty();
        place(buyer, 2, FIRM);
        sweep();
        assertThat(only(other, older).endsAt()).isNotEmpty();
        assertThat(only(other, dear).endsAt()).isNotEmpty();
        assertThat(only(buyer, own).endsAt()).isEmpty();
        place(buyer, 1, FIRM);
        sweep();
        assertThat(only(buyer, own).endsAt()).isNotEmpty();
    }

    @Test
    void letsAMachineGoOnWhenAnotherHasCome() {
        sell(1, "0.1", 1);
        Order spare = place(other, 1, INTERRUPTIBLE);
        Order firm = place(buyer, 1, FIRM);
        sweep();
        assertThat(only(other, spare).endsAt()).isNotEmpty();
        sell(2, "0.9", 1);
        sweep();
        assertThat(order(buyer, firm).leases().getFirst().pricePerHour())
                .isEqualTo(Credits.parse("0.9"));
        assertThat(only(other, spare).endsAt()).isEmpty();
        assertThat(only(other, spare).events())
                .extracting(LeaseEvent::detail)
                .contains("goes on: the firm order does without it");
        fixture.pass(200_000);
        sweep();
        assertThat(only(other, spare).ended()).isNotEqualTo("PREEMPTED");
    }

    @Test
    void letsAMachineGoOnWhenTheFirmOrderIsStopped() {
        sell(1, "0.1", 1);
        Order spare = place(other, 1, INTERRUPTIBLE);
        Order firm = place(buyer, 1, FIRM);
        sweep();
        market().stopOrder(buyer, firm.id());
        assertThat(only(other, spare).endsAt()).isEmpty();
        assertThat(fixture.balance(Book.wallet(buyer))).isEqualTo(Credits.parse("10"));
    }

    @Test
    void neitherForgetsNorRepeatsANoticeWhenItIsKilled() throws IOException {
        FakeAgent agent = sell(1, "0.36", 1);
        Order spare = place(other, 1, INTERRUPTIBLE);
        Lease victim = spare.leases().getFirst();
        agent.run(market(), victim.id(), 1);
        Order firm = place(buyer, 1, FIRM);
        sweep();
        String end = only(other, spare).endsAt();
        assertThat(end).isNotEmpty();
        fixture.restart();
        sweep();
        assertThat(only(other, spare).endsAt()).isEqualTo(end);
        agent.connect(
                market(), FakeAgent.report(victim.id(), LeaseProgress.Phase.ON_NETWORK, 1, 0));
        fixture.pass(60_000);
        sweep();
        assertThat(only(other, spare).endsAt()).isEqualTo(end);
        assertThat(notices(other, spare)).isEqualTo(1);
        fixture.pass(60_000);
        sweep();
        assertThat(only(other, spare).state()).isEqualTo(LeaseState.STOPPING);
        agent.end(market(), victim.id(), EndReason.SELLER, 120_000);
        fixture.restart();
        agent.connect(market());
        assertThatThrownBy(() -> place(other, 1, INTERRUPTIBLE))
                .isInstanceOf(RefusedException.class);
        sweep();
        assertThat(order(buyer, firm).leases()).hasSize(1);
        assertThat(fixture.balance(Book.earnings(owner)))
                .isEqualTo(Credits.parse("0.36").perHourFor(120));
        assertThat(fixture.<List<SlotId>>decide(tx -> tx.displacements().slots())).isEmpty();
    }

    @Test
    void seeksADisplacedMachineAnewForTheTimeThatIsLeft() {
        FakeAgent agent = sell(1, "0.36", 1);
        Order spare = place(other, 1, PATIENT);
        Lease victim = spare.leases().getFirst();
        agent.run(market(), victim.id(), 1);
        displace(agent, victim);
        Order waits = order(other, spare);
        assertThat(waits.state()).isEqualTo(OrderState.OPEN);
        assertThat(waits.escrow()).isEqualTo(Credits.parse("0.36").perHourFor(3600 - 120));
        FakeAgent second = sell(2, "0.72", 1);
        sweep();
        Order again = order(other, spare);
        assertThat(again.state()).isEqualTo(OrderState.STARTING);
        assertThat(again.escrow()).isEqualTo(Credits.parse("0.72").perHourFor(3600 - 120));
        Lease next = only(other, spare);
        assertThat(next.id()).isNotEqualTo(victim.id());
        assertThat(next.name()).isEqualTo("node1");
        second.run(market(), next.id(), 2);
        fixture.pass(4_000_000);
        second.meter(market(), next.id(), 4_000_000);
        assertThat(second.told(CoordinatorMessage.StopLease.class)).hasSize(1);
        second.end(market(), next.id(), EndReason.SELLER, 4_000_000);
        Order closed = order(other, spare);
        assertThat(closed.state()).isEqualTo(OrderState.CLOSED);
        assertThat(closed.charged())
                .isEqualTo(
                        Credits.parse("0.36")
                                .perHourFor(120)
                                .plus(Credits.parse("0.72").perHourFor(3480)));
    }

    @Test
    void givesUpADisplacedMachineWhenItsOrderHasWaitedOrIsStopped() throws IOException {
        FakeAgent agent = sell(1, "0.36", 2);
        Order waits = place(other, 1, PATIENT);
        Order stopped = place(other, 1, PATIENT);
        agent.run(market(), waits.leases().getFirst().id(), 1);
        agent.run(market(), stopped.leases().getFirst().id(), 2);
        displace(agent, waits.leases().getFirst(), stopped.leases().getFirst());
        fixture.restart();
        assertThat(order(other, waits).state()).isEqualTo(OrderState.OPEN);
        assertThat(market().stopOrder(other, stopped.id()).state()).isEqualTo(OrderState.CLOSED);
        fixture.pass(600_000);
        sweep();
        assertThat(order(other, waits).state()).isEqualTo(OrderState.CLOSED);
        assertThat(fixture.balance(Book.wallet(other)))
                .isEqualTo(
                        Credits.parse("10").minus(Credits.parse("0.36").perHourFor(120).times(2)));
    }

    @Test
    void saysInExplanationsWhatCouldBeDisplaced() throws QueryException {
        sell(1, "0.1", 2);
        sell(2, "0.5", 1);
        place(other, 2, INTERRUPTIBLE);
        assertThat(displaceable(3, FIRM, "")).isEqualTo(2);
        assertThat(displaceable(1, FIRM, "")).isZero();
        assertThat(displaceable(3, INTERRUPTIBLE, "")).isZero();
        assertThat(displaceable(3, FIRM, "cpu>=4")).isZero();
        assertThat(displaceable(3, FIRM, "price<=0.2")).isEqualTo(2);
        assertThatThrownBy(() -> place(buyer, 2, waiting(false, 0)))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused ->
                                assertThat(refused.errors())
                                        .contains(
                                                "an order that waits would displace interruptible"
                                                        + " machines and find 1 more"));
    }

    private int displaceable(int machines, Placement placement, String where)
            throws QueryException {
        Query query = where.isEmpty() ? Query.ANY : Query.parse(where);
        return market().explain(buyer, new ExplanationRequest(machines, query, placement, 3600, 0))
                .displaceable();
    }

    /// Lets a firm order take these machines.
    private void displace(FakeAgent agent, Lease... victims) {
        place(buyer, victims.length, FIRM);
        sweep();
        fixture.pass(120_000);
        sweep();
        for (Lease victim : victims) {
            agent.end(market(), victim.id(), EndReason.SELLER, 120_000);
        }
        sweep();
    }

    private Order cheap(String priceMax) {
        var spec = MarketFixture.request("cheap", image, 1, 3600, FIRM).spec();
        return market().order(
                        new Caller.Person(buyer),
                        new org.sparegrid.protocol.api.OrderRequest(
                                new org.sparegrid.protocol.market.OrderSpec(
                                        spec.name(),
                                        spec.image(),
                                        1,
                                        spec.size(),
                                        Credits.parse(priceMax),
                                        3600,
                                        true,
                                        List.of(),
                                        FIRM,
                                        Query.ANY,
                                        spec.checkpoints(),
                                        spec.volume(),
                                        0),
                                Credits.MAX,
                                false),
                        "");
    }

    private double lost(SellerId seller) {
        Interruptions all =
                fixture.decide(tx -> tx.sellerDays().interruptions(seller, Instant.EPOCH));
        return all.count();
    }

    private long notices(AccountId account, Order order) {
        return only(account, order).events().stream()
                .filter(event -> event.detail().startsWith("ends at "))
                .count();
    }

    private static Placement waiting(boolean interruptible, long seconds) {
        return new Placement(0, 0, 0, false, interruptible, false, 0, seconds, 0);
    }

    private Market market() {
        return fixture.market();
    }

    /// As many ticks as it takes until all open orders are tried.
    private void sweep() {
        for (int i = 0; i < 5; i++) {
            market().tick();
        }
    }

    private FakeAgent sell(int number, String price, int slots) {
        return new FakeAgent(fixture.enrol(owner, number), price, slots).connect(market());
    }

    private Order place(AccountId account, int machines, Placement placement) {
        String name = "n" + market().orders(account).orders().size();
        ImageId of = account.equals(buyer) ? image : otherImage;
        return market().order(
                        new Caller.Person(account),
                        MarketFixture.request(name, of, machines, 3600, placement),
                        "");
    }

    private Order order(AccountId account, Order order) {
        return market().order(account, order.id(), 0, Duration.ZERO);
    }

    private Lease only(AccountId account, Order order) {
        assertThat(order(account, order).leases()).hasSize(1);
        return order(account, order).leases().getFirst();
    }
}
