// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.api.NetworkJoin;
import org.sparegrid.protocol.api.OrderRequest;
import org.sparegrid.protocol.api.Rule;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.market.AskTraits;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.PeerTraffic;
import org.sparegrid.protocol.market.Placement;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.Quote;
import org.sparegrid.protocol.market.Ranking;
import org.sparegrid.protocol.market.TrafficReport;
import org.sparegrid.protocol.market.VolumeOffer;
import org.sparegrid.protocol.market.WeekHours;

/// Track records, nodes of a reliability, and rules, in a whole market.
class ReliabilityTest {
    private static final long HOUR_MILLIS = 3_600_000;

    @TempDir Path folder;
    private MarketFixture fixture;
    private AccountId buyer;
    private ImageId image;
    private final Map<SellerId, FakeAgent> agents = new HashMap<>();
    private final Map<SellerId, AccountId> owners = new HashMap<>();
    private int orders;

    @BeforeEach
    void open() throws IOException {
        fixture = new MarketFixture(folder);
        buyer = fixture.register("buyer@example.org");
        fixture.give(buyer, "1000");
        image = fixture.image(buyer, "image");
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void believesASellerMoreWithEveryHourAndLessWithEveryLoss() {
        SellerId seller = sell(1, "0.1");
        assertThat(offered("reliability>0.5")).isEmpty();
        work(seller, 30, EndReason.POWERED_OFF);
        // Thirty hours without a loss: 0.1 to the power of 1/31 an hour, which is 1.14 nines.
        assertThat(offered("reliability>1.1 reliability<1.2")).containsExactly(seller);
        work(seller, 1, EndReason.SELLER);
        assertThat(offered("reliability>1.1")).isEmpty();
        assertThat(offered("reliability>0.9")).containsExactly(seller);
    }

    @Test
    void remembersRecordsAfterARestart() throws IOException {
        SellerId seller = sell(1, "0.1");
        work(seller, 30, EndReason.POWERED_OFF);
        fixture.restart();
        agent(seller).connect(fixture.market());
        assertThat(offered("reliability>1.1")).containsExactly(seller);
    }

    @Test
    void makesANodeOfAsManyOwnersAsItsReliabilityNeeds() {
        SellerId proven = sell(1, "0.2");
        SellerId second = sell(2, "0.1");
        SellerId third = sell(3, "0.1");
        work(proven, 30, EndReason.POWERED_OFF);
        work(second, 30, EndReason.POWERED_OFF);
        work(third, 4, EndReason.POWERED_OFF);
        Quote one = quote(1, 0.9);
        assertThat(one.nodes()).hasSize(1);
        assertThat(one.machines()).singleElement().extracting("seller").isEqualTo(second);
        Quote more = quote(1, 0.99);
        assertThat(more.nodes().getFirst().replicas()).isEqualTo(2);
        assertThat(more.nodes().getFirst().reliability()).isGreaterThanOrEqualTo(0.99);
        assertThat(more.nodes().getFirst().pricePerHour()).isEqualTo(Credits.parse("0.3"));
        assertThat(more.pricePerHour()).isEqualTo(Credits.parse("0.3"));
        // The cheapest machine is 0.1.
        assertThat(more.premiumPerHour()).isEqualTo(Credits.parse("0.2"));
        assertThat(one.premiumPerHour()).isEqualTo(Credits.ZERO);
        assertThat(quote(1, 0).premiumPerHour()).isEqualTo(Credits.ZERO);
    }

    @Test
    void chargesForANodeWhatItsSellersGet() {
        for (int i = 1; i <= 4; i++) {
            work(sell(i, "0.1" + i), 30, EndReason.POWERED_OFF);
        }
        Map<SellerId, Credits> before = earnings();
        Credits wallet = fixture.balance(Book.wallet(buyer));
        Order order = place(2, 0.99);
        assertThat(order.leases())
                .extracting(Lease::name)
                .containsExactly("node1", "node2", "node1-2", "node2-2");
        assertThat(order.leases().stream().map(Lease::seller).distinct()).hasSize(4);
        int key = 1;
        for (Lease lease : order.leases()) {
            agent(lease.seller()).run(fixture.market(), lease.id(), key++);
        }
        fixture.pass(1_234_000);
        for (Lease lease : order.leases()) {
            agent(lease.seller())
                    .end(fixture.market(), lease.id(), EndReason.POWERED_OFF, 1_234_000);
        }
        Credits paid = wallet.minus(fixture.balance(Book.wallet(buyer)));
        Credits got = Credits.ZERO;
        for (var entry : earnings().entrySet()) {
            got = got.plus(entry.getValue().minus(before.get(entry.getKey())));
        }
        assertThat(paid).isEqualTo(got);
        assertThat(paid.nanos()).isBetween(170_000_000L, 180_000_000L);
        assertThat(fixture.faults()).isEmpty();
    }

    @Test
    void chargesForANodesTrafficWhatItsSellersGet() {
        // With 10 GB in an hour: 0.2, 0.25 and 0.15 an hour, the first two of which are cheaper
        // without their fees.
        List<SellerId> sellers = List.of(sell(1, "0.1"), sell(2, "0.05"), sell(3, "0.15"));
        sellers.forEach(seller -> work(seller, 30, EndReason.POWERED_OFF));
        wantFee(sellers.get(0), "0.1", "0.01");
        wantFee(sellers.get(1), "0.05", "0.02");
        OrderSpec spec =
                TrafficTest.spec(
                        MarketFixture.request("t", image, 1, 3600, reliable(0.99)).spec(), 10_000);
        assertThat(quote(1, 0.99).missing()).isEqualTo(1);
        Quote quote = fixture.market().quote(buyer, spec);
        assertThat(quote.machines())
                .extracting("seller")
                .containsExactly(sellers.get(2), sellers.get(0));
        assertThat(quote.pricePerHour()).isEqualTo(Credits.parse("0.25"));
        assertThat(quote.trafficCost()).isEqualTo(Credits.parse("0.1"));
        assertThat(quote.nodes().getFirst().pricePerHour()).isEqualTo(Credits.parse("0.35"));
        assertThat(quote.costMax()).isEqualTo(Credits.parse("0.35"));
        assertThat(quote.premiumPerHour()).isEqualTo(Credits.parse("0.2"));
        Map<SellerId, Credits> before = earnings();
        Credits wallet = fixture.balance(Book.wallet(buyer));
        Order order =
                fixture.market()
                        .order(
                                new Caller.Person(buyer),
                                new OrderRequest(spec, Credits.MAX, false),
                                "");
        assertThat(order.escrow()).isEqualTo(quote.costMax());
        run(order, 7_654_321_987L);
        Credits paid = wallet.minus(fixture.balance(Book.wallet(buyer)));
        Credits got = Credits.ZERO;
        for (var entry : earnings().entrySet()) {
            got = got.plus(entry.getValue().minus(before.get(entry.getKey())));
        }
        assertThat(paid).isEqualTo(got);
        // 1,234 s of both machines, and the traffic of the one with a fee.
        assertThat(paid).isEqualTo(Credits.parse("0.162237662"));
        assertThat(fixture.faults()).isEmpty();
    }

    /// Says so of a computer that wanted none so far.
    private void wantFee(SellerId seller, String price, String fee) {
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
        agent(seller).disconnect(fixture.market());
        agents.put(seller, new FakeAgent(seller, price, 1, traits).connect(fixture.market()));
    }

    /// Lets the first node's two machines run for 1,234 s, each of which sends so much to the
    /// buyer.
    private void run(Order order, long bytes) {
        MemberId laptop =
                fixture.market()
                        .joinNetwork(
                                buyer,
                                order.network(),
                                new NetworkJoin("laptop", FakeAgent.key(50), List.of()))
                        .self();
        int key = 1;
        for (Lease lease : order.leases()) {
            agent(lease.seller()).run(fixture.market(), lease.id(), key);
            String self = FakeAgent.key(key++);
            agent(lease.seller())
                    .say(
                            fixture.market(),
                            new AgentMessage.TrafficCounted(lease.id(), report(laptop, bytes, 0)));
            fixture.market().network(buyer, order.network(), -1, Duration.ZERO).members().stream()
                    .filter(member -> member.publicKey().equals(self))
                    .forEach(member ->
                            fixture.market()
                                    .deals()
                                    .countTraffic(
                                            buyer,
                                            order.network(),
                                            laptop,
                                            report(member.id(), 0, bytes)));
        }
        fixture.pass(1_234_000);
        for (Lease lease : order.leases()) {
            agent(lease.seller())
                    .end(fixture.market(), lease.id(), EndReason.POWERED_OFF, 1_234_000);
        }
    }

    private static TrafficReport report(MemberId peer, long sent, long received) {
        return new TrafficReport(1, List.of(new PeerTraffic(peer, sent, received, 0, 0)));
    }

    @Test
    void refusesWhatTheRecordsDoNotBear() {
        work(sell(1, "0.1"), 10, EndReason.POWERED_OFF);
        assertThatThrownBy(() -> place(1, 0.999))
                .isInstanceOf(RefusedException.class)
                .hasMessage(
                        "the machines on offer make 0 of 1 nodes of reliability 0.999 at that"
                                + " price");
        assertThat(quote(1, 0.999).missing()).isEqualTo(1);
        assertThat(place(1, 0.7).leases()).hasSize(1);
    }

    @Test
    void replacesAMachineOfANodeByOneOfAnotherOwner() {
        for (int i = 1; i <= 3; i++) {
            work(sell(i, "0.1"), 30, EndReason.POWERED_OFF);
        }
        Order order = place(1, 0.99);
        assertThat(order.leases()).hasSize(2);
        Lease failing = order.leases().getLast();
        agent(failing.seller()).accept(fixture.market(), failing.id(), 1);
        agent(failing.seller()).end(fixture.market(), failing.id(), EndReason.START_FAILED, 0);
        Order mended = fixture.market().order(buyer, order.id(), 0, Duration.ZERO);
        Set<SellerId> sellers = new HashSet<>();
        mended.leases().forEach(lease -> sellers.add(lease.seller()));
        assertThat(sellers).hasSize(2).doesNotContain(failing.seller());
    }

    @Test
    void watchesTheHoursOfTheWeek() {
        SellerId seller = sell(1, "0.1");
        work(seller, 200, EndReason.POWERED_OFF);
        // The fixture's first hour is watched by now and passed at once; the next ones as well.
        for (int week = 0; week < 2; week++) {
            for (int hour = 0; hour < 168; hour++) {
                if (hour % 24 == 0) {
                    agent(seller).connect(fixture.market());
                } else if (hour % 24 == 8) {
                    agent(seller).disconnect(fixture.market());
                }
                fixture.pass(HOUR_MILLIS);
                fixture.market().tick();
            }
        }
        fixture.pass(2 * HOUR_MILLIS);
        fixture.market().tick();
        agent(seller).connect(fixture.market());
        assertThat(quote(1, 0.9, 4 * 3600).missing()).isZero();
        fixture.pass(HOUR_MILLIS);
        fixture.market().tick();
        assertThat(quote(1, 0.5, 20 * 3600).missing()).isEqualTo(1);
    }

    @Test
    void neverDealsWithTheBlocked() {
        SellerId cheap = sell(1, "0.1");
        SellerId dear = sell(2, "0.2");
        rule(buyer, Rule.Side.BUYING, Rule.Kind.BLOCK, cheap.value());
        assertThat(quote(1, 0).machines()).extracting("seller").containsExactly(dear);
        fixture.market().deals().removeRule(buyer, Rule.Side.BUYING, cheap.value());
        assertThat(quote(1, 0).machines()).extracting("seller").containsExactly(cheap);
        rule(owner(cheap), Rule.Side.SELLING, Rule.Kind.BLOCK, buyer.value());
        assertThat(place(1, 0).leases()).extracting(Lease::seller).containsExactly(dear);
    }

    @Test
    void dealsOnlyWithTheAllowedIfAnyAre() {
        SellerId cheap = sell(1, "0.1");
        SellerId dear = sell(2, "0.2");
        rule(buyer, Rule.Side.BUYING, Rule.Kind.ALLOW, dear.value());
        assertThat(quote(2, 0).machines()).extracting("seller").containsExactly(dear);
        assertThat(
                        fixture.market()
                                .explain(
                                        buyer,
                                        new org.sparegrid.protocol.api.ExplanationRequest(
                                                2, Query.ANY, Placement.ANY, 3600, 0))
                                .reasons())
                .singleElement()
                .extracting(reason -> reason.term().toString())
                .isEqualTo("owner=" + owner(dear));
        rule(owner(cheap), Rule.Side.SELLING, Rule.Kind.ALLOW, owner(dear).value());
        rule(buyer, Rule.Side.BUYING, Rule.Kind.ALLOW, cheap.value());
        assertThat(quote(2, 0).machines()).extracting("seller").containsExactly(dear);
        rule(owner(cheap), Rule.Side.SELLING, Rule.Kind.ALLOW, buyer.value());
        assertThat(quote(2, 0).machines()).extracting("seller").containsExactly(cheap, dear);
    }

    @Test
    void readsASellerByItsFirstDigits() {
        SellerId seller = sell(1, "0.1");
        sell(2, "0.2");
        assertThatThrownBy(() -> rule(buyer, Rule.Side.BUYING, Rule.Kind.BLOCK, "00000000"))
                .hasMessage("more than one computer begins with 00000000");
        assertThat(rule(buyer, Rule.Side.BUYING, Rule.Kind.BLOCK, seller.value()))
                .extracting(Rule::subject)
                .containsExactly(seller.value());
    }

    private List<Rule> rule(AccountId of, Rule.Side side, Rule.Kind kind, String subject) {
        return fixture.market().deals().putRule(of, new Rule(side, kind, subject)).rules();
    }

    /// A new owner's computer with one slot.
    private SellerId sell(int number, String price) {
        AccountId owner = fixture.register("owner" + number + "@example.org");
        SellerId seller = fixture.enrol(owner, number);
        owners.put(seller, owner);
        agents.put(
                seller,
                new FakeAgent(seller, price, 1, AskTraits.UNKNOWN).connect(fixture.market()));
        return seller;
    }

    private FakeAgent agent(SellerId seller) {
        return java.util.Objects.requireNonNull(agents.get(seller));
    }

    private AccountId owner(SellerId seller) {
        return java.util.Objects.requireNonNull(owners.get(seller));
    }

    private Map<SellerId, Credits> earnings() {
        Map<SellerId, Credits> all = new HashMap<>();
        owners.forEach((seller, owner) -> all.put(seller, fixture.balance(Book.earnings(owner))));
        return all;
    }

    /// Lets a seller's machine run so long and end so, for an account that blocks all others.
    private void work(SellerId seller, int hours, EndReason reason) {
        AccountId other = fixture.register("w" + orders++ + "@example.org");
        fixture.give(other, "1000");
        ImageId its = fixture.image(other, "image");
        rule(other, Rule.Side.BUYING, Rule.Kind.ALLOW, seller.value());
        Lease lease =
                fixture.market()
                        .order(
                                new Caller.Person(other),
                                MarketFixture.request("w", its, 1, hours * 3600L),
                                "")
                        .leases()
                        .getFirst();
        agent(seller).run(fixture.market(), lease.id(), 1);
        fixture.pass(hours * HOUR_MILLIS);
        agent(seller).end(fixture.market(), lease.id(), reason, hours * HOUR_MILLIS);
    }

    private List<SellerId> offered(String query) {
        try {
            return fixture.market().offers(Query.parse(query), Ranking.BY_PRICE).offers().stream()
                    .map(offer -> offer.seller())
                    .toList();
        } catch (org.sparegrid.protocol.market.QueryException malformed) {
            throw new AssertionError(malformed);
        }
    }

    private Quote quote(int machines, double reliability) {
        return quote(machines, reliability, 3600);
    }

    private Quote quote(int machines, double reliability, long seconds) {
        return fixture.market()
                .quote(
                        buyer,
                        MarketFixture.request("q", image, machines, seconds, reliable(reliability))
                                .spec());
    }

    private Order place(int machines, double reliability) {
        return fixture.market()
                .order(
                        new Caller.Person(buyer),
                        MarketFixture.request(
                                "n" + orders++, image, machines, 3600, reliable(reliability)),
                        "");
    }

    private static Placement reliable(double reliability) {
        return new Placement(0, 0, 0, false, false, false, 0, 0, reliability);
    }
}
