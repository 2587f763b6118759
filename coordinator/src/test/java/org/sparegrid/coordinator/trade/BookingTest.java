// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.market.formula.Interruptions;
import org.sparegrid.coordinator.market.formula.Presence;
import org.sparegrid.coordinator.operation.Caller;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.market.Booking;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderState;
import org.sparegrid.protocol.market.Placement;

class BookingTest {
    private static final long HOUR = 3600;
    private static final Credits PRICE = Credits.parse("0.36");

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
    void handsABookedMachineOverAtItsTimeAtTheAgreedPrice() throws IOException {
        FakeAgent agent = sell(1, "0.36", 1);
        Order booked = reserve(1, 2 * HOUR);
        assertThat(booked.state()).isEqualTo(OrderState.OPEN);
        assertThat(booked.escrow()).isEqualTo(Credits.parse("1"));
        assertThat(booked.bookings())
                .singleElement()
                .satisfies(booking -> {
                    assertThat(booking.name()).isEqualTo("node1");
                    assertThat(booking.state()).isEqualTo(Booking.State.BOUND);
                    assertThat(booking.pricePerHour()).isEqualTo(PRICE);
                    assertThat(booking.begins()).isEqualTo(fixture.now().plusSeconds(2 * HOUR));
                });
        assertThatThrownBy(() -> place(other, false, 2 * HOUR, 0))
                .isInstanceOf(RefusedException.class);
        Order quick = place(other, false, HOUR, 0);
        agent.run(market(), only(other, quick).id(), 1);
        agent.end(market(), only(other, quick).id(), EndReason.SELLER, 0);
        fixture.pass(2 * HOUR * 1000 - 1000);
        sweep();
        assertThat(order(buyer, booked).leases()).isEmpty();
        new FakeAgent(seller(1), "0.72", 1).connect(market());
        fixture.pass(1000);
        sweep();
        Lease lease = only(buyer, booked);
        assertThat(lease.pricePerHour()).isEqualTo(PRICE);
        assertThat(order(buyer, booked).bookings().getFirst().state())
                .isEqualTo(Booking.State.TAKEN);
        agent.run(market(), lease.id(), 2);
        fixture.pass(777_000);
        agent.end(market(), lease.id(), EndReason.POWERED_OFF, 777_000);
        assertThat(order(buyer, booked).state()).isEqualTo(OrderState.CLOSED);
        assertThat(fixture.balance(Book.earnings(owner))).isEqualTo(PRICE.perHourFor(777));
        assertThat(fixture.balance(Book.wallet(buyer)))
                .isEqualTo(Credits.parse("10").minus(PRICE.perHourFor(777)));
    }

    @Test
    void remembersWhatIsBoundWhenItIsStartedAnew() throws IOException {
        FakeAgent agent = sell(1, "0.36", 2);
        Order booked = reserve(2, 2 * HOUR);
        fixture.restart();
        agent.connect(market());
        assertThatThrownBy(() -> place(other, false, 2 * HOUR, 0))
                .isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> reserve(1, 2 * HOUR))
                .isInstanceOf(RefusedException.class)
                .hasMessage("0 of 1 machines can be bound for that time");
        fixture.pass(2 * HOUR * 1000);
        fixture.restart();
        agent.connect(market());
        sweep();
        assertThat(order(buyer, booked).leases()).hasSize(2);
    }

    @Test
    void endsAnInterruptibleMachineInTime() {
        FakeAgent agent = sell(1, "0.36", 1);
        Order booked = reserve(1, HOUR);
        Order spare = place(other, true, 3 * HOUR, 0);
        agent.run(market(), only(other, spare).id(), 1);
        fixture.pass(3_479_000);
        agent.meter(market(), only(other, spare).id(), 3_479_000);
        sweep();
        assertThat(only(other, spare).endsAt()).isEmpty();
        fixture.pass(1_000);
        sweep();
        assertThat(only(other, spare).endsAt())
                .isEqualTo(booked.bookings().getFirst().begins().toString());
        assertThatThrownBy(() -> place(other, true, HOUR, 0)).isInstanceOf(RefusedException.class);
        fixture.pass(120_000);
        sweep();
        agent.end(market(), only(other, spare).id(), EndReason.SELLER, 3_600_000);
        assertThat(only(other, spare).ended()).isEqualTo("PREEMPTED");
        sweep();
        assertThat(order(buyer, booked).leases()).hasSize(1);
        assertThat(fixture.balance(Book.earnings(owner))).isEqualTo(PRICE);
    }

    @Test
    void canBeStoppedForNothingUntilAnHourBefore() {
        sell(1, "0.36", 1);
        Order booked = reserve(1, 2 * HOUR);
        fixture.pass(HOUR * 1000 - 1);
        Order stopped = market().stopOrder(buyer, booked.id());
        assertThat(stopped.bookings().getFirst().state()).isEqualTo(Booking.State.CANCELLED);
        assertThat(fixture.balance(Book.wallet(buyer))).isEqualTo(Credits.parse("10"));
        assertThat(place(other, false, 3 * HOUR, 0).leases()).hasSize(1);
    }

    @Test
    void paysTheSellersOfAnOrderThatIsStoppedLater() {
        sell(1, "0.36", 1);
        FakeAgent away = sell(2, "0.5", 1);
        Order booked = reserve(2, 2 * HOUR);
        fixture.pass(HOUR * 1000);
        away.disconnect(market());
        Order stopped = market().stopOrder(buyer, booked.id());
        assertThat(stopped.state()).isEqualTo(OrderState.CLOSED);
        assertThat(stopped.charged()).isEqualTo(PRICE.perHourFor(600));
        assertThat(stopped.bookings())
                .extracting(Booking::charged)
                .containsExactly(PRICE.perHourFor(600), Credits.ZERO);
        assertThat(fixture.balance(Book.earnings(owner))).isEqualTo(PRICE.perHourFor(600));
        assertThat(fixture.balance(Book.wallet(buyer)))
                .isEqualTo(Credits.parse("10").minus(PRICE.perHourFor(600)));
    }

    @Test
    void findsAnotherMachineForASellerThatIsNotThere() {
        FakeAgent first = sell(1, "0.36", 1);
        Order booked = reserve(1, HOUR);
        first.disconnect(market());
        sell(2, "0.9", 1);
        fixture.pass(HOUR * 1000);
        sweep();
        assertThat(order(buyer, booked).leases()).isEmpty();
        fixture.pass(60_000);
        sweep();
        sweep();
        Order started = order(buyer, booked);
        assertThat(started.leases()).hasSize(1);
        assertThat(started.leases().getFirst().pricePerHour()).isEqualTo(Credits.parse("0.9"));
        assertThat(started.bookings().getFirst().state()).isEqualTo(Booking.State.BROKEN);
        assertThat(broken(seller(1))).isOne();
        assertThat(broken(seller(2))).isZero();
        assertThat(fixture.balance(Book.earnings(owner))).isEqualTo(Credits.ZERO);
    }

    @Test
    void givesTheMoneyBackIfNoMachineIsThereAtAll() {
        FakeAgent first = sell(1, "0.36", 1);
        Order booked = reserve(1, HOUR);
        first.disconnect(market());
        fixture.pass(HOUR * 1000 + 600_000);
        sweep();
        assertThat(order(buyer, booked).state()).isEqualTo(OrderState.CLOSED);
        assertThat(fixture.balance(Book.wallet(buyer))).isEqualTo(Credits.parse("10"));
    }

    @Test
    void takesTheBookedMachinesThatAreThereAndOthersForTheRest() {
        sell(1, "0.36", 1);
        FakeAgent second = sell(2, "0.5", 1);
        Order booked = reserve(2, HOUR);
        second.disconnect(market());
        sell(3, "0.1", 1);
        fixture.pass(HOUR * 1000 + 60_000);
        sweep();
        sweep();
        assertThat(order(buyer, booked).leases())
                .extracting(lease -> lease.name() + " " + lease.pricePerHour())
                .containsExactly("node1 0.36", "node2 0.1");
        assertThat(order(buyer, booked).bookings())
                .extracting(Booking::state)
                .containsExactly(Booking.State.TAKEN, Booking.State.BROKEN);
    }

    @Test
    void bindsNoComputerThatIsUsuallyAwayThen() {
        SellerId seller = seller(1);
        fixture.enrol(owner, 1);
        int hour = org.sparegrid.protocol.market.WeekHours.hourOf(fixture.now().plusSeconds(HOUR));
        Presence seldom = Presence.UNSEEN.after(hour, 0.4);
        fixture.decide(tx -> {
            tx.presences().put(seller, seldom);
            return true;
        });
        new FakeAgent(seller, "0.1", 1).connect(market());
        assertThatThrownBy(() -> reserve(1, HOUR)).isInstanceOf(RefusedException.class);
        sell(2, "0.36", 1);
        assertThat(reserve(1, HOUR).bookings().getFirst().pricePerHour()).isEqualTo(PRICE);
        assertThat(seldom.least(fixture.now(), Duration.ofMinutes(10))).isOne();
    }

    @Test
    void quotesWhatCouldBeBound() {
        sell(1, "0.36", 1);
        var wanted =
                MarketFixture.request("q", image, 1, HOUR, placement(false, true, HOUR, 600))
                        .spec();
        assertThat(market().quote(buyer, wanted).missing()).isZero();
        reserve(1, HOUR);
        assertThat(market().quote(buyer, wanted).missing()).isOne();
    }

    private double broken(SellerId seller) {
        Interruptions all =
                fixture.decide(tx -> tx.sellerDays().interruptions(seller, Instant.EPOCH));
        return all.count();
    }

    private static Placement placement(
            boolean interruptible, boolean reserved, long after, long wait) {
        return new Placement(0, 0, 0, false, interruptible, reserved, after, wait, 0);
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

    private static SellerId seller(int number) {
        return new SellerId("%040x".formatted(number));
    }

    private FakeAgent sell(int number, String price, int slots) {
        return new FakeAgent(fixture.enrol(owner, number), price, slots).connect(market());
    }

    private Order reserve(int machines, long after) {
        return place(buyer, machines, HOUR, placement(false, true, after, 600));
    }

    private Order place(AccountId account, boolean interruptible, long seconds, long wait) {
        return place(account, 1, seconds, placement(interruptible, false, 0, wait));
    }

    private Order place(AccountId account, int machines, long seconds, Placement placement) {
        String name = "n" + market().orders(account).orders().size();
        ImageId of = account.equals(buyer) ? image : otherImage;
        return market().order(
                        new Caller.Person(account),
                        MarketFixture.request(name, of, machines, seconds, placement),
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
