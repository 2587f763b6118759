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
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.api.Dispute;
import org.sparegrid.protocol.api.LedgerPage;
import org.sparegrid.protocol.api.NetworkJoin;
import org.sparegrid.protocol.api.OrderRequest;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.market.AskTraits;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.NetworkView;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.OrderState;
import org.sparegrid.protocol.market.PeerTraffic;
import org.sparegrid.protocol.market.Quote;
import org.sparegrid.protocol.market.TrafficReport;
import org.sparegrid.protocol.market.VolumeOffer;
import org.sparegrid.protocol.market.WeekHours;
import org.sparegrid.testsupport.Property;

/// What sellers get for what machines send and receive.
class TrafficTest {
    private static final long GIGABYTE = 1_000_000_000;

    @TempDir Path folder;
    private MarketFixture fixture;
    private AccountId buyer;
    private AccountId one;
    private AccountId two;
    private ImageId image;

    MarketFixture open(Path home) throws IOException {
        return new MarketFixture(home);
    }

    @BeforeEach
    void open() throws IOException {
        fixture = open(folder);
        buyer = fixture.register("buyer@example.org");
        one = fixture.register("one@example.org");
        two = fixture.register("two@example.org");
        image = fixture.image(buyer, "bytes");
        fixture.give(buyer, "10");
    }

    @AfterEach
    void close() {
        assertThat(fixture.faults()).isEmpty();
        fixture.close();
    }

    /// A computer that wants 0.36 for an hour and a fee for a gigabyte.
    private FakeAgent agent(AccountId owner, int number, String fee) {
        AskTraits traits =
                new AskTraits(
                        "",
                        "",
                        0,
                        0,
                        Credits.parse(fee),
                        false,
                        "",
                        WeekHours.ALL,
                        VolumeOffer.NONE);
        return new FakeAgent(fixture.enrol(owner, number), "0.36", 1, traits)
                .connect(fixture.market());
    }

    static OrderSpec spec(OrderSpec any, long megabytes) {
        return new OrderSpec(
                any.name(),
                any.image(),
                any.machines(),
                any.size(),
                any.pricePerHourMax(),
                any.secondsMax(),
                any.emulationAllowed(),
                any.authorizedKeys(),
                any.placement(),
                any.where(),
                any.checkpoints(),
                any.volume(),
                megabytes);
    }

    private OrderSpec spec(int machines, long megabytes) {
        return spec(MarketFixture.request("blue", image, machines, 3600).spec(), megabytes);
    }

    private Order place(int machines, long megabytes, String costMax) {
        return fixture.market()
                .order(
                        new Caller.Person(buyer),
                        new OrderRequest(spec(machines, megabytes), Credits.parse(costMax), true),
                        "");
    }

    private Order order(Order order) {
        return fixture.market().order(buyer, order.id(), -1, Duration.ZERO);
    }

    private NetworkView view(Order order) {
        return fixture.market().network(buyer, order.network(), -1, Duration.ZERO);
    }

    private MemberId member(Order order, String name) {
        return view(order).members().stream()
                .filter(member -> member.name().equals(name))
                .findFirst()
                .orElseThrow()
                .id();
    }

    private MemberId laptop(Order order) {
        return fixture.market()
                .joinNetwork(
                        buyer,
                        order.network(),
                        new NetworkJoin("laptop", FakeAgent.key(50), List.of()))
                .self();
    }

    private void counts(
            FakeAgent agent, LeaseId lease, long since, MemberId peer, long sent, long received) {
        agent.say(
                fixture.market(),
                new AgentMessage.TrafficCounted(
                        lease,
                        new TrafficReport(
                                since, List.of(new PeerTraffic(peer, sent, received, 0, 0)))));
    }

    private void counts(
            Order order, MemberId self, long since, MemberId peer, long sent, long received) {
        fixture.market()
                .deals()
                .countTraffic(
                        buyer,
                        order.network(),
                        self,
                        new TrafficReport(
                                since, List.of(new PeerTraffic(peer, sent, received, 0, 0))));
    }

    private void holds(Book book, String amount) {
        assertThat(fixture.balance(book)).as(book.id()).isEqualTo(Credits.parse(amount));
    }

    @Test
    void billsWhatBothEndsCountedToTheBillionth() {
        FakeAgent a = agent(one, 1, "0.02");
        FakeAgent b = agent(two, 2, "0.05");
        Quote quote = fixture.market().quote(buyer, spec(2, 10_000));
        assertThat(quote.trafficCost()).isEqualTo(Credits.parse("0.7"));
        assertThat(quote.costMax()).isEqualTo(Credits.parse("1.42"));
        Order order = place(2, 10_000, "9");
        assertThat(order.escrow()).isEqualTo(Credits.parse("1.42"));
        assertThat(view(order).metered()).isTrue();
        LeaseId first = order.leases().getFirst().id();
        LeaseId second = order.leases().getLast().id();
        a.run(fixture.market(), first, 1);
        b.run(fixture.market(), second, 2);
        MemberId laptop = laptop(order);
        MemberId node1 = member(order, "node1");
        MemberId node2 = member(order, "node2");
        fixture.pass(100_000);
        // A frame was lost on its way, and the laptop missed some of what it was sent.
        counts(a, first, 0, node2, 1_000_000_001, 500);
        counts(b, second, 0, node1, 500, 1_000_000_000);
        counts(a, first, 0, laptop, 300_000_000, 200_000_000);
        counts(order, laptop, 7, node1, 300_000_000, 250_000_000);
        a.meter(fixture.market(), first, 100_000);
        assertThat(fixture.market().lease(buyer, first).traffic().agreedBytes())
                .isEqualTo(1_450_000_500);
        a.end(fixture.market(), first, EndReason.POWERED_OFF, 100_000);
        b.end(fixture.market(), second, EndReason.POWERED_OFF, 100_000);

        holds(Book.earnings(one), "0.03900001");
        holds(Book.earnings(two), "0.060000025");
        holds(Book.wallet(buyer), "9.900999965");
        Order closed = order(order);
        assertThat(closed.state()).isEqualTo(OrderState.CLOSED);
        assertThat(closed.charged()).isEqualTo(Credits.parse("0.099000035"));
        Lease node = closed.leases().getFirst();
        assertThat(node.charged()).isEqualTo(Credits.parse("0.03900001"));
        assertThat(node.traffic().charged()).isEqualTo(Credits.parse("0.02900001"));
        assertThat(node.traffic().countedBytes()).isEqualTo(1_500_000_501);
        assertThat(fixture.market().deals().sales(one).sales().getFirst().traffic())
                .isEqualTo(node.traffic());
        assertThat(fixture.market().ledger(one, 10, 0).entries())
                .extracting(LedgerPage.Entry::kind)
                .containsExactlyInAnyOrder("settle", "carry");
        Dispute dispute =
                fixture.market().deals().dispute(buyer, first, new Dispute.Request("too slow"));
        assertThat(dispute.reserved()).isEqualTo(Credits.parse("0.03900001"));
    }

    @Test
    void paysNothingForWhatOneEndAloneCounted() {
        FakeAgent a = agent(one, 1, "0.02");
        Order order = place(1, 10_000, "9");
        LeaseId lease = order.leases().getFirst().id();
        a.run(fixture.market(), lease, 1);
        MemberId laptop = laptop(order);
        counts(a, lease, 0, laptop, 5 * GIGABYTE, 5 * GIGABYTE);
        fixture.pass(10_000);
        a.meter(fixture.market(), lease, 10_000);
        Lease seen = fixture.market().lease(buyer, lease);
        assertThat(seen.traffic().countedBytes()).isEqualTo(10 * GIGABYTE);
        assertThat(seen.traffic().agreedBytes()).isZero();
        // Nor can the buyer's end raise it.
        counts(order, laptop, 1, member(order, "node1"), 90 * GIGABYTE, 2 * GIGABYTE);
        a.end(fixture.market(), lease, EndReason.POWERED_OFF, 10_000);
        assertThat(order(order).leases().getFirst().traffic().agreedBytes())
                .isEqualTo(7 * GIGABYTE);
        holds(Book.earnings(one), "0.141");
    }

    @Test
    void comesToTheSameHoweverReportsArrive() throws IOException {
        FakeAgent a = agent(one, 1, "0.02");
        Order order = place(1, 30_000, "9");
        LeaseId lease = order.leases().getFirst().id();
        a.run(fixture.market(), lease, 1);
        MemberId laptop = laptop(order);
        MemberId node1 = member(order, "node1");
        counts(order, laptop, 1, node1, 0, 50 * GIGABYTE);
        counts(a, lease, 0, laptop, 2 * GIGABYTE, 0);
        counts(a, lease, 0, laptop, 2 * GIGABYTE, 0);
        counts(a, lease, 0, laptop, GIGABYTE, 0);
        // Attached anew, it counts from zero; what was said before that comes late and twice.
        counts(a, lease, 5000, laptop, GIGABYTE, 0);
        counts(a, lease, 0, laptop, 2 * GIGABYTE, 0);
        counts(a, lease, 5000, laptop, GIGABYTE / 2, 0);
        fixture.pass(10_000);
        a.meter(fixture.market(), lease, 10_000);
        assertThat(fixture.market().lease(buyer, lease).traffic().agreedBytes())
                .isEqualTo(3 * GIGABYTE);
        fixture.restart();
        a.connect(
                fixture.market(),
                FakeAgent.report(
                        lease,
                        org.sparegrid.protocol.market.LeaseProgress.Phase.ON_NETWORK,
                        1,
                        10_000));
        counts(a, lease, 5000, laptop, GIGABYTE, 0);
        a.end(fixture.market(), lease, EndReason.POWERED_OFF, 10_000);
        a.end(fixture.market(), lease, EndReason.POWERED_OFF, 10_000);
        holds(Book.earnings(one), "0.061");
    }

    @Test
    void countsWhatTheOtherEndReportsAfterAMachineEnded() {
        FakeAgent a = agent(one, 1, "0.02");
        FakeAgent b = agent(two, 2, "0");
        Order order = place(2, 1000, "9");
        LeaseId first = lease(order, 1);
        LeaseId second = lease(order, 2);
        a.run(fixture.market(), first, 1);
        b.run(fixture.market(), second, 2);
        MemberId node1 = member(order, "node1");
        MemberId node2 = member(order, "node2");
        boolean isFirst = order.leases().getFirst().id().equals(first);
        counts(a, first, 0, isFirst ? node2 : node1, GIGABYTE / 2, 0);
        a.end(fixture.market(), first, EndReason.POWERED_OFF, 0);
        holds(Book.earnings(one), "0");
        counts(b, second, 0, isFirst ? node1 : node2, 0, GIGABYTE / 2);
        b.end(fixture.market(), second, EndReason.POWERED_OFF, 0);
        holds(Book.earnings(one), "0.01");
        holds(Book.earnings(two), "0");
    }

    private static LeaseId lease(Order order, int seller) {
        return order.leases().stream()
                .filter(lease -> Integer.parseInt(lease.seller().value(), 16) == seller)
                .findFirst()
                .orElseThrow()
                .id();
    }

    @Test
    void billsNothingBetweenComputersOfOneOwner() {
        FakeAgent a = agent(one, 1, "0.02");
        FakeAgent b = agent(one, 2, "0.02");
        Order order = place(2, 1000, "9");
        LeaseId first = order.leases().getFirst().id();
        LeaseId second = order.leases().getLast().id();
        (lease(order, 1).equals(first) ? a : b).run(fixture.market(), first, 1);
        (lease(order, 1).equals(first) ? b : a).run(fixture.market(), second, 2);
        FakeAgent ofFirst = lease(order, 1).equals(first) ? a : b;
        FakeAgent ofSecond = ofFirst == a ? b : a;
        counts(ofFirst, first, 0, member(order, "node2"), GIGABYTE, GIGABYTE);
        counts(ofSecond, second, 0, member(order, "node1"), GIGABYTE, GIGABYTE);
        ofFirst.end(fixture.market(), first, EndReason.POWERED_OFF, 0);
        ofSecond.end(fixture.market(), second, EndReason.POWERED_OFF, 0);
        assertThat(order(order).leases())
                .extracting(lease -> lease.traffic().countedBytes())
                .containsExactly(2 * GIGABYTE, 2 * GIGABYTE);
        holds(Book.earnings(one), "0");
    }

    @Test
    void endsAMachineThatHasUsedUpItsTraffic() {
        FakeAgent a = agent(one, 1, "0.02");
        FakeAgent b = agent(two, 2, "0");
        Order order = place(2, 1000, "9");
        LeaseId lease = lease(order, 1);
        a.run(fixture.market(), lease, 1);
        b.run(fixture.market(), lease(order, 2), 2);
        MemberId laptop = laptop(order);
        MemberId self =
                member(order, order.leases().getFirst().id().equals(lease) ? "node1" : "node2");
        counts(a, lease, 0, laptop, GIGABYTE - 1, 0);
        counts(order, laptop, 1, self, 0, 7 * GIGABYTE);
        fixture.pass(10_000);
        a.meter(fixture.market(), lease, 10_000);
        assertThat(a.told(CoordinatorMessage.StopLease.class)).isEmpty();
        counts(a, lease, 0, laptop, 7 * GIGABYTE, 0);
        a.meter(fixture.market(), lease, 10_000);
        assertThat(a.told(CoordinatorMessage.StopLease.class))
                .extracting(CoordinatorMessage.StopLease::why)
                .containsExactly("the order's traffic is used up");
        assertThat(b.told(CoordinatorMessage.StopLease.class)).isEmpty();
        a.end(fixture.market(), lease, EndReason.BUYER, 10_000);
        Lease over = fixture.market().lease(buyer, lease);
        assertThat(over.ended()).isEqualTo("BUDGET");
        assertThat(over.traffic().agreedBytes()).isEqualTo(GIGABYTE);
        holds(Book.earnings(one), "0.021");
    }

    @Test
    void neverBillsMoreThanTheLimitHoweverTimeAndTrafficGo() {
        List<FakeAgent> agents =
                List.of(agent(one, 1, "0.3"), agent(two, 2, "0.01"), agent(one, 3, "0.000000007"));
        Property.holds(
                5,
                random -> {
                    Credits before = fixture.balance(Book.wallet(buyer));
                    Credits limit = new Credits(random.nextLong(50_000_000, 900_000_000));
                    Order order = place(3, random.nextLong(1, 2000), limit.toString());
                    MemberId laptop = laptop(order);
                    for (int i = 0; i < 3; i++) {
                        agents.get(i).run(fixture.market(), lease(order, i + 1), i + 1);
                    }
                    long[] carried = new long[3];
                    long now = 0;
                    while (order(order).state() == OrderState.RUNNING) {
                        int i = random.nextInt(3);
                        LeaseId lease = lease(order, i + 1);
                        MemberId self =
                                fixture
                                        .market()
                                        .network(buyer, order.network(), -1, Duration.ZERO)
                                        .members()
                                        .stream()
                                        .filter(member ->
                                                member.publicKey().equals(FakeAgent.key(i + 1)))
                                        .findFirst()
                                        .map(member -> member.id())
                                        .orElse(laptop);
                        carried[i] += random.nextLong(300_000_000);
                        counts(agents.get(i), lease, 0, laptop, carried[i], 0);
                        counts(
                                order,
                                laptop,
                                1,
                                self,
                                0,
                                carried[i] - random.nextLong(Math.min(9, carried[i] + 1)));
                        long step = random.nextLong(100, 60_000);
                        now += step;
                        fixture.pass(step);
                        agents.get(i).meter(fixture.market(), lease, now);
                    }
                    for (int i = 0; i < 3; i++) {
                        agents.get(i)
                                .end(fixture.market(), lease(order, i + 1), EndReason.BUYER, now);
                    }
                    Order closed = order(order);
                    assertThat(closed.state()).isEqualTo(OrderState.CLOSED);
                    assertThat(closed.escrow()).isEqualTo(Credits.ZERO);
                    assertThat(closed.charged()).isLessThanOrEqualTo(limit);
                    assertThat(before.minus(fixture.balance(Book.wallet(buyer))))
                            .isEqualTo(closed.charged());
                    fixture.give(buyer, closed.charged().plus(new Credits(1)).toString());
                    assertThat(fixture.faults()).isEmpty();
                });
    }

    @Test
    void takesNoSellerWithAFeeForWhoHasNotSaidHowMuch() {
        agent(one, 1, "0.02");
        assertThatThrownBy(() -> place(1, 0, "9"))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused ->
                                assertThat(refused.errors())
                                        .contains(
                                                "1 slots fail fee<=0",
                                                "say how much traffic may be paid for to take"
                                                        + " those with a fee as well")
                                        .noneMatch(line -> line.startsWith("cheapest change")));
        agent(two, 2, "0");
        Order order = place(1, 0, "9");
        assertThat(order.leases()).extracting(Lease::sellerName).hasSize(1);
        assertThat(view(order).metered()).isFalse();
        assertThat(order.leases().getFirst().seller().value()).endsWith("2");
    }

    @Test
    void ranksAndLimitsByThePriceWithTheFee() {
        agent(one, 1, "0.7");
        agent(two, 2, "0.1");
        // 1 GB in an hour: 1.06 and 0.46, of which an order pays 1 at most.
        assertThat(fixture.market().quote(buyer, spec(1, 1000)).machines())
                .singleElement()
                .satisfies(offer -> assertThat(offer.seller().value()).endsWith("2"));
        Quote both = fixture.market().quote(buyer, spec(2, 1000));
        assertThat(both.missing()).isEqualTo(1);
        assertThat(both.exclusions()).containsExactly(new Quote.Exclusion("price<=1", 1));
    }

    @Test
    void takesReportsOfMembersAboutMembersOnly() {
        FakeAgent a = agent(one, 1, "0.02");
        Order order = place(1, 1000, "9");
        LeaseId lease = order.leases().getFirst().id();
        a.run(fixture.market(), lease, 1);
        MemberId stranger = new MemberId("mem-abcdefghijkl");
        counts(a, lease, 0, stranger, GIGABYTE, GIGABYTE);
        a.meter(fixture.market(), lease, 0);
        assertThat(fixture.market().lease(buyer, lease).traffic().countedBytes()).isZero();
        MemberId node1 = member(order, "node1");
        assertThatThrownBy(() -> counts(order, node1, 0, node1, 1, 1))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("computer " + node1);
        MemberId laptop = laptop(order);
        assertThatThrownBy(() ->
                        fixture.market()
                                .deals()
                                .countTraffic(
                                        one,
                                        order.network(),
                                        laptop,
                                        new TrafficReport(0, List.of())))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("network");
    }
}
