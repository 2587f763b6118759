// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
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
import org.sparegrid.protocol.api.Dispute;
import org.sparegrid.protocol.api.Gift;
import org.sparegrid.protocol.api.OrderRequest;
import org.sparegrid.protocol.api.Payout;
import org.sparegrid.protocol.market.AskTraits;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.Order;

/// Twelve stories about money, each told to the billionth.
class GoldenMoneyTest {
    @TempDir Path folder;
    private MarketFixture fixture;
    private AccountId buyer;
    private AccountId seller;
    private FakeAgent agent;
    private ImageId image;

    @BeforeEach
    void open() throws IOException {
        fixture = new MarketFixture(folder);
        buyer = fixture.register("buyer@example.org");
        seller = fixture.register("seller@example.org");
        fixture.deposit(buyer, "20");
        image = fixture.image(buyer, "image");
        agent =
                new FakeAgent(fixture.enrol(seller, 1), "0.1", 2, AskTraits.UNKNOWN)
                        .connect(fixture.market());
    }

    @AfterEach
    void close() {
        assertThat(fixture.faults()).isEmpty();
        fixture.close();
    }

    @Test
    void takesACommissionOfADepositAndNothingElse() {
        holds(Book.CLEARING, "-20");
        holds(Book.COMMISSION, "2");
        holds(Book.wallet(buyer), "18");
    }

    @Test
    void paysForSecondsThatRan() {
        sell(1234, EndReason.POWERED_OFF);
        holds(Book.earnings(seller), "0.034277777");
        holds(Book.wallet(buyer), "17.965722223");
        holds(Book.COMMISSION, "2");
    }

    @Test
    void chargesNothingForAMachineThatDidNotStart() {
        Lease lease = place(1, Credits.MAX, false).leases().getFirst();
        holds(Book.wallet(buyer), "17.9");
        agent.accept(fixture.market(), lease.id(), 1);
        agent.end(fixture.market(), lease.id(), EndReason.START_FAILED, 0);
        holds(Book.wallet(buyer), "18");
        holds(Book.earnings(seller), "0");
    }

    @Test
    void chargesTwoMachinesUntilTheBuyerStopsThem() {
        AccountId other = fixture.register("other@example.org");
        FakeAgent cheap =
                new FakeAgent(fixture.enrol(other, 2), "0.07", 1, AskTraits.UNKNOWN)
                        .connect(fixture.market());
        Order order = place(2, Credits.MAX, false);
        holds(Book.wallet(buyer), "17.83");
        Lease first = order.leases().getFirst();
        Lease second = order.leases().getLast();
        cheap.run(fixture.market(), first.id(), 1);
        agent.run(fixture.market(), second.id(), 2);
        fixture.pass(601_000);
        fixture.market().stopOrder(buyer, order.id());
        cheap.end(fixture.market(), first.id(), EndReason.BUYER, 601_000);
        agent.end(fixture.market(), second.id(), EndReason.BUYER, 601_000);
        holds(Book.earnings(other), "0.011686111");
        holds(Book.earnings(seller), "0.016694444");
        holds(Book.wallet(buyer), "17.971619445");
    }

    @Test
    void neverChargesMoreThanTheLimit() {
        Lease lease = place(1, Credits.parse("0.01"), true).leases().getFirst();
        holds(Book.wallet(buyer), "17.99");
        agent.run(fixture.market(), lease.id(), 1);
        fixture.pass(1_000_000);
        agent.end(fixture.market(), lease.id(), EndReason.POWERED_OFF, 1_000_000);
        holds(Book.earnings(seller), "0.01");
        holds(Book.wallet(buyer), "17.99");
    }

    @Test
    void paysASellerThatLosesAMachineForWhatWasRead() {
        Lease lease = place(1, Credits.MAX, false).leases().getFirst();
        agent.run(fixture.market(), lease.id(), 1);
        fixture.pass(61_000);
        agent.meter(fixture.market(), lease.id(), 61_000);
        fixture.pass(500_000);
        agent.end(fixture.market(), lease.id(), EndReason.FAILED, 61_000);
        holds(Book.earnings(seller), "0.001694444");
        holds(Book.wallet(buyer), "17.998305556");
    }

    @Test
    void givesOnceHoweverOftenItIsAsked() {
        Gift gift = new Gift(seller, Credits.parse("1.500000001"));
        fixture.market().deals().give(new Caller.Person(buyer), gift, "the-only-gift");
        fixture.market().deals().give(new Caller.Person(buyer), gift, "the-only-gift");
        holds(Book.wallet(buyer), "16.499999999");
        holds(Book.wallet(seller), "1.500000001");
        assertThatThrownBy(() ->
                        fixture.market()
                                .deals()
                                .give(
                                        new Caller.Person(buyer),
                                        new Gift(seller, Credits.parse("17")),
                                        "more"))
                .isInstanceOf(RefusedException.class)
                .hasMessage("17 is needed, the wallet holds 16.499999999");
    }

    @Test
    void letsASellerSpendWhatItEarnedWithoutCash() {
        sell(1234, EndReason.POWERED_OFF);
        fixture.market()
                .deals()
                .give(
                        new Caller.Person(seller),
                        new Gift(seller, Credits.parse("0.034277777")),
                        "all-of-it");
        holds(Book.earnings(seller), "0");
        holds(Book.wallet(seller), "0.034277777");
        ImageId own = fixture.image(seller, "other image");
        OrderRequest request = MarketFixture.request("own", own, 1, 600);
        Lease lease =
                fixture.market().order(new Caller.Person(seller), request, "").leases().getFirst();
        holds(Book.wallet(seller), "0.017611111");
        agent.run(fixture.market(), lease.id(), 3);
        fixture.pass(100_000);
        agent.end(fixture.market(), lease.id(), EndReason.POWERED_OFF, 100_000);
        holds(Book.wallet(seller), "0.031500000");
        holds(Book.earnings(seller), "0.002777777");
    }

    @Test
    void paysOutWholeHundredths() {
        sell(1234, EndReason.POWERED_OFF);
        Payout payout =
                fixture.market()
                        .deals()
                        .payOut(
                                new Caller.Person(seller),
                                new Payout.Request(Credits.parse("0.034"), "SE35 5000"),
                                "one-payout");
        assertThat(payout.amount()).isEqualTo(Credits.parse("0.03"));
        holds(Book.PAYOUTS, "0.03");
        holds(Book.earnings(seller), "0.004277777");
        assertThat(decided(payout, true)).isTrue();
        assertThat(decided(payout, false)).isFalse();
        holds(Book.PAYOUTS, "0");
        holds(Book.CLEARING, "-19.97");
    }

    @Test
    void givesBackWhatCouldNotBePaidOut() {
        sell(1234, EndReason.POWERED_OFF);
        Payout payout =
                fixture.market()
                        .deals()
                        .payOut(
                                new Caller.Person(seller),
                                new Payout.Request(Credits.parse("0.03"), "nowhere"),
                                "one-payout");
        assertThat(decided(payout, false)).isTrue();
        holds(Book.earnings(seller), "0.034277777");
        holds(Book.CLEARING, "-20");
        assertThat(fixture.market().deals().payouts(seller).payouts())
                .singleElement()
                .extracting(Payout::state)
                .isEqualTo(Payout.State.FAILED);
    }

    @Test
    void dividesWhatIsDisputed() {
        Lease lease = sell(1234, EndReason.POWERED_OFF);
        Dispute made =
                fixture.market()
                        .deals()
                        .dispute(buyer, lease.id(), new Dispute.Request("too slow"));
        assertThat(made.reserved()).isEqualTo(Credits.parse("0.034277777"));
        holds(Book.DISPUTES, "0.034277777");
        holds(Book.earnings(seller), "0");
        assertThat(
                        fixture.<Credits>decide(tx ->
                                Decisions.resolve(tx, "operator", lease.id(), 5000, fixture.now())))
                .isEqualTo(Credits.parse("0.017138888"));
        holds(Book.wallet(buyer), "17.982861111");
        holds(Book.earnings(seller), "0.017138889");
        holds(Book.DISPUTES, "0");
        assertThat(fixture.market().deals().disputes(seller).disputes())
                .singleElement()
                .extracting(Dispute::state)
                .isEqualTo(Dispute.State.RESOLVED);
    }

    @Test
    void setsAsideNoMoreThanTheSellerHas() {
        Lease lease = sell(1234, EndReason.POWERED_OFF);
        fixture.market()
                .deals()
                .payOut(
                        new Caller.Person(seller),
                        new Payout.Request(Credits.parse("0.03"), "SE35 5000"),
                        "one-payout");
        fixture.market().deals().dispute(buyer, lease.id(), new Dispute.Request("too slow"));
        holds(Book.DISPUTES, "0.004277777");
        assertThatThrownBy(() ->
                        fixture.market()
                                .deals()
                                .dispute(buyer, lease.id(), new Dispute.Request("again")))
                .isInstanceOf(RefusedException.class);
        fixture.<Credits>decide(
                tx -> Decisions.resolve(tx, "operator", lease.id(), 10_000, fixture.now()));
        holds(Book.wallet(buyer), "17.970000000");
        holds(Book.earnings(seller), "0");
    }

    private boolean decided(Payout payout, boolean paid) {
        return fixture.<Boolean>decide(
                tx -> Decisions.close(tx, "operator", payout.id(), paid, fixture.now()));
    }

    /// A machine of the seller that runs so long.
    private Lease sell(long seconds, EndReason reason) {
        Lease lease = place(1, Credits.MAX, false).leases().getFirst();
        agent.run(fixture.market(), lease.id(), 1);
        fixture.pass(seconds * 1000);
        agent.end(fixture.market(), lease.id(), reason, seconds * 1000);
        return fixture.market().lease(buyer, lease.id());
    }

    private Order place(int machines, Credits costMax, boolean untilCostMax) {
        OrderRequest any = MarketFixture.request("job", image, machines, 3600);
        return fixture.market()
                .order(
                        new Caller.Person(buyer),
                        new OrderRequest(any.spec(), costMax, untilCostMax),
                        "");
    }

    private void holds(Book book, String amount) {
        assertThat(fixture.balance(book)).as(book.id()).isEqualTo(Credits.parse(amount));
    }
}
