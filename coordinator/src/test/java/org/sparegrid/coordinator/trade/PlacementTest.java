// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.api.OrderRequest;
import org.sparegrid.protocol.market.AskTraits;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderState;
import org.sparegrid.protocol.market.Placement;
import org.sparegrid.protocol.market.VolumeOffer;
import org.sparegrid.protocol.market.WeekHours;

class PlacementTest {
    private static final Placement ONE_AN_OWNER =
            new Placement(0, 0, 1, false, false, false, 0, 0, 0);
    private static final Placement WAITING = new Placement(0, 0, 0, false, false, false, 0, 600, 0);

    private static final Placement IN_AN_HOUR =
            new Placement(0, 0, 0, false, false, false, 3600, 600, 0);

    @TempDir private Path folder;
    private MarketFixture fixture;
    private AccountId buyer;
    private ImageId image;

    @BeforeEach
    void open() throws IOException {
        fixture = new MarketFixture(folder);
        buyer = fixture.register("buyer@example.org");
        image = fixture.image(buyer, "bytes");
        fixture.give(buyer, "10");
    }

    @AfterEach
    void close() {
        assertThat(fixture.faults()).isEmpty();
        fixture.close();
    }

    @Test
    void takesOneMachineOfAnOwnerEvenIfOthersAreDearer() {
        AccountId first = fixture.register("first@example.org");
        AccountId second = fixture.register("second@example.org");
        sell(first, 1, "0.1", 2, AskTraits.UNKNOWN);
        sell(first, 2, "0.1", 1, AskTraits.UNKNOWN);
        sell(second, 3, "0.3", 2, AskTraits.UNKNOWN);
        Order order = place(2, ONE_AN_OWNER);
        assertThat(prices(order)).containsExactly("0.1", "0.3");
        assertThatThrownBy(() -> place(3, ONE_AN_OWNER))
                .isInstanceOf(RefusedException.class)
                .hasMessage("2 of 3 machines can be had now");
    }

    @Test
    void replacesAMachineWithoutBreakingTheSpread() {
        AccountId first = fixture.register("first@example.org");
        AccountId second = fixture.register("second@example.org");
        sell(first, 1, "0.1", 3, AskTraits.UNKNOWN);
        FakeAgent failing = sell(second, 2, "0.2", 1, AskTraits.UNKNOWN);
        AccountId third = fixture.register("third@example.org");
        sell(third, 3, "0.4", 1, AskTraits.UNKNOWN);
        Order order = place(2, ONE_AN_OWNER);
        Lease lease = order.leases().getLast();
        failing.accept(fixture.market(), lease.id(), 1);
        failing.end(fixture.market(), lease.id(), EndReason.START_FAILED, 0);
        assertThat(prices(fixture.market().order(buyer, order.id(), 0, Duration.ZERO)))
                .containsExactly("0.1", "0.4");
    }

    @Test
    void leavesTheSlotsFreeWhenAnOrderIsRefused() {
        sell(fixture.register("first@example.org"), 1, "0.1", 2, AskTraits.UNKNOWN);
        OrderRequest dear =
                new OrderRequest(
                        MarketFixture.request("dear", image, 2, 3600).spec(),
                        Credits.parse("0.1"),
                        false);
        assertThatThrownBy(() -> fixture.market().order(new Caller.Person(buyer), dear, ""))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("the limit is 0.1");
        assertThat(place(2, Placement.ANY).leases()).hasSize(2);
    }

    @Test
    void sellsASlotAgainAfterItsLeaseEndedAndAfterARestart() throws IOException {
        AccountId owner = fixture.register("first@example.org");
        FakeAgent agent = sell(owner, 1, "0.1", 1, AskTraits.UNKNOWN);
        Order order = place(1, Placement.ANY);
        agent.run(fixture.market(), order.leases().getFirst().id(), 1);
        fixture.restart();
        agent.connect(
                fixture.market(),
                FakeAgent.report(
                        order.leases().getFirst().id(), LeaseProgress.Phase.ON_NETWORK, 1, 0));
        assertThatThrownBy(() -> place(1, Placement.ANY)).isInstanceOf(RefusedException.class);
        agent.end(fixture.market(), order.leases().getFirst().id(), EndReason.SELLER, 1000);
        assertThat(place(1, Placement.ANY).leases()).hasSize(1);
    }

    @Test
    void wantsAFirmMachineToBeThereAllTheTime() {
        AccountId owner = fixture.register("first@example.org");
        // The test's clock begins on a Thursday at midnight.
        sell(owner, 1, "0.1", 1, there(WeekHours.range(72, 1)));
        sell(owner, 2, "0.2", 1, there(WeekHours.range(72, 3)));
        sell(owner, 3, "0.05", 1, there(WeekHours.range(73, 100)));
        Placement firm = new Placement(0, 0, 0, true, false, false, 0, 0, 0);
        assertThat(prices(place(1, firm, 7200))).containsExactly("0.2");
        assertThat(prices(place(1, Placement.ANY, 7200))).containsExactly("0.1");
    }

    @Test
    void startsAnOpenOrderWhenAMachineComes() {
        AccountId owner = fixture.register("first@example.org");
        Order order = place(1, WAITING);
        assertThat(order.state()).isEqualTo(OrderState.OPEN);
        assertThat(order.escrow()).isEqualTo(Credits.parse("1"));
        FakeAgent agent = sell(owner, 1, "0.25", 1, AskTraits.UNKNOWN);
        Order filled = fixture.later(buyer, order);
        assertThat(prices(filled)).containsExactly("0.25");
        agent.run(fixture.market(), filled.leases().getFirst().id(), 1);
        agent.end(fixture.market(), filled.leases().getFirst().id(), EndReason.SELLER, 0);
        assertThat(fixture.market().order(buyer, order.id(), 0, Duration.ZERO).reason())
                .isEqualTo("node1 ended last: seller");
        assertThat(fixture.balance(Book.wallet(buyer))).isEqualTo(Credits.parse("10"));
    }

    @Test
    void takesUpOpenOrdersAfterARestartAndGivesTheMoneyBackAtTheirEnd() throws IOException {
        Order order = place(1, WAITING);
        fixture.restart();
        assertThat(fixture.balance(Book.wallet(buyer))).isEqualTo(Credits.parse("9"));
        fixture.pass(600_000);
        Order closed = fixture.later(buyer, order);
        assertThat(closed.state()).isEqualTo(OrderState.CLOSED);
        assertThat(closed.reason())
                .isEqualTo("its machines could not be had at once in the time that it could wait");
        assertThat(fixture.balance(Book.wallet(buyer))).isEqualTo(Credits.parse("10"));
    }

    @Test
    void stopsAnOpenOrder() {
        Order order = place(1, WAITING);
        Order stopped = fixture.market().stopOrder(buyer, order.id());
        assertThat(stopped.state()).isEqualTo(OrderState.CLOSED);
        assertThat(stopped.reason()).isEqualTo("stopped by the buyer");
        assertThat(fixture.balance(Book.wallet(buyer))).isEqualTo(Credits.parse("10"));
        sell(fixture.register("first@example.org"), 1, "0.25", 1, AskTraits.UNKNOWN);
        assertThat(place(1, Placement.ANY).leases()).hasSize(1);
    }

    @Test
    void startsAnOrderInItsWindowAndNotBefore() throws IOException {
        sell(fixture.register("first@example.org"), 1, "0.25", 1, AskTraits.UNKNOWN);
        Order order = place(1, IN_AN_HOUR);
        assertThat(order.state()).isEqualTo(OrderState.OPEN);
        assertThat(order.escrow()).isEqualTo(Credits.parse("1"));
        fixture.pass(3_599_000);
        sweep();
        assertThat(fixture.market().order(buyer, order.id(), 0, Duration.ZERO)).isEqualTo(order);
        fixture.pass(1_000);
        sweep();
        Order started = fixture.market().order(buyer, order.id(), 0, Duration.ZERO);
        assertThat(prices(started)).containsExactly("0.25");
    }

    @Test
    void closesAnOrderWhoseWindowIsOverThoughMachinesComeThen() throws IOException {
        Order order = place(1, IN_AN_HOUR);
        fixture.pass(3_600_000);
        sweep();
        fixture.restart();
        assertThat(fixture.market().order(buyer, order.id(), 0, Duration.ZERO).state())
                .isEqualTo(OrderState.OPEN);
        fixture.pass(600_000);
        sell(fixture.register("first@example.org"), 1, "0.25", 1, AskTraits.UNKNOWN);
        sweep();
        Order closed = fixture.market().order(buyer, order.id(), 0, Duration.ZERO);
        assertThat(closed.state()).isEqualTo(OrderState.CLOSED);
        assertThat(closed.reason()).startsWith("its machines could not be had at once");
        assertThat(fixture.balance(Book.wallet(buyer))).isEqualTo(Credits.parse("10"));
    }

    @Test
    void looksAtTheHoursOfTheWindow() {
        AccountId owner = fixture.register("first@example.org");
        sell(owner, 1, "0.1", 1, there(WeekHours.range(72, 1)));
        assertThat(quoted(Placement.ANY)).isZero();
        assertThat(quoted(IN_AN_HOUR)).isOne();
        sell(owner, 2, "0.2", 1, there(WeekHours.range(73, 1)));
        assertThat(quoted(IN_AN_HOUR)).isZero();
        Order order = place(1, IN_AN_HOUR);
        assertThat(fixture.market().explain(buyer, order.id()).available()).isOne();
        fixture.pass(3_600_000);
        sweep();
        assertThat(prices(fixture.market().order(buyer, order.id(), 0, Duration.ZERO)))
                .containsExactly("0.2");
    }

    /// How many machines a quote lacks.
    private int quoted(Placement placement) {
        return fixture.market()
                .quote(buyer, MarketFixture.request("n", image, 1, 3600, placement).spec())
                .missing();
    }

    /// As many ticks as it takes until all open orders are tried.
    private void sweep() {
        for (int i = 0; i < 5; i++) {
            fixture.market().tick();
        }
    }

    private FakeAgent sell(AccountId owner, int number, String price, int slots, AskTraits traits) {
        SellerId seller = fixture.enrol(owner, number);
        return new FakeAgent(seller, price, slots, traits).connect(fixture.market());
    }

    private Order place(int machines, Placement placement) {
        return place(machines, placement, 3600);
    }

    private Order place(int machines, Placement placement, long seconds) {
        String name = "n" + fixture.market().orders(buyer).orders().size();
        return fixture.market()
                .order(
                        new Caller.Person(buyer),
                        MarketFixture.request(name, image, machines, seconds, placement),
                        "");
    }

    private static AskTraits there(WeekHours hours) {
        return new AskTraits("", "", 0, 0, Credits.ZERO, false, "", hours, VolumeOffer.NONE);
    }

    private static List<String> prices(Order order) {
        return order.leases().stream().map(lease -> lease.pricePerHour().toString()).toList();
    }
}
