// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.operation.Caller;
import org.sparegrid.coordinator.store.OpenPortTable;
import org.sparegrid.coordinator.store.Store;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.api.LedgerPage;
import org.sparegrid.protocol.api.NetworkJoin;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.LeaseTraffic;
import org.sparegrid.protocol.market.NetworkMember;
import org.sparegrid.protocol.market.NetworkView;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.PeerTraffic;
import org.sparegrid.protocol.market.TrafficReport;

/// Whose ports are found open, and what is paid for the relay bytes that they saved.
class OpenPortBonusTest {
    private static final long GIGABYTE = 1_000_000_000;

    /// 0.01 a GB, of at most half of the commission, which is a tenth of what is paid in.
    private static final OpenPortBonus BONUS = new OpenPortBonus(Credits.parse("0.01"), 5000);

    @TempDir Path folder;
    private final List<Effects.Knock> knocks = new ArrayList<>();
    private MarketFixture fixture;
    private AccountId buyer;
    private AccountId one;
    private AccountId two;
    private FakeAgent a;
    private FakeAgent b;
    private Order order;
    private LeaseId first;
    private LeaseId second;

    Store store(Path home) throws IOException {
        return new Store.Sqlite(home.resolve("market.db"));
    }

    @BeforeEach
    void open() throws IOException {
        fixture =
                new MarketFixture(folder, store(folder), Duration.ZERO, MarketFixture.with(BONUS));
        fixture.market()
                .knockBy((endpoints, label, secret) ->
                        knocks.add(new Effects.Knock(endpoints, label, secret)));
        buyer = fixture.register("buyer@example.org");
        one = fixture.register("one@example.org");
        two = fixture.register("two@example.org");
        fixture.deposit(buyer, "10");
        a = new FakeAgent(fixture.enrol(one, 1), "0.36", 1).connect(fixture.market());
        b = new FakeAgent(fixture.enrol(two, 2), "0.72", 1).connect(fixture.market());
    }

    @AfterEach
    void close() {
        assertThat(fixture.faults()).isEmpty();
        fixture.close();
    }

    /// Both computers run a machine of one order.
    private void run() {
        order =
                fixture.market()
                        .order(
                                new Caller.Person(buyer),
                                MarketFixture.request(
                                        "blue", fixture.image(buyer, "bytes"), 2, 3600),
                                "");
        first = order.leases().getFirst().id();
        second = order.leases().getLast().id();
        a.run(fixture.market(), first, 1);
        b.run(fixture.market(), second, 2);
    }

    /// Says what the newest knock at an agent's computer says.
    private void hear(FakeAgent agent) {
        long label = agent.told(CoordinatorMessage.PortKnocked.class).getLast().label();
        int secret =
                knocks.stream().filter(k -> k.label() == label).findFirst().orElseThrow().secret();
        agent.say(fixture.market(), new AgentMessage.KnockHeard(label, secret));
    }

    private NetworkView view() {
        return fixture.market().network(buyer, order.network(), -1, Duration.ZERO);
    }

    private MemberId member(String name) {
        return view().members().stream()
                .filter(member -> member.name().equals(name))
                .findFirst()
                .orElseThrow()
                .id();
    }

    private boolean isOpen(String name) {
        return view().members().stream()
                .filter(member -> member.name().equals(name))
                .anyMatch(NetworkMember::openPort);
    }

    private static TrafficReport report(MemberId peer, long sent, long received, long direct) {
        return new TrafficReport(
                1,
                List.of(
                        new PeerTraffic(
                                peer,
                                sent,
                                received,
                                Math.min(direct, sent),
                                Math.min(direct, received))));
    }

    private void counts(FakeAgent agent, LeaseId lease, TrafficReport report) {
        agent.say(fixture.market(), new AgentMessage.TrafficCounted(lease, report));
    }

    private void meter(long seconds) {
        meter(seconds, 100);
    }

    private void meter(long seconds, long passed) {
        fixture.pass(passed * 1000);
        a.meter(fixture.market(), first, seconds * 1000);
        b.meter(fixture.market(), second, seconds * 1000);
    }

    private void end(long seconds) {
        a.end(fixture.market(), first, EndReason.POWERED_OFF, seconds * 1000);
        b.end(fixture.market(), second, EndReason.POWERED_OFF, seconds * 1000);
    }

    private LeaseTraffic traffic(LeaseId lease) {
        return fixture.market().lease(buyer, lease).traffic();
    }

    private Credits bonus(LeaseId lease) {
        return traffic(lease).bonus();
    }

    @Test
    void believesThatAPortIsOpenOnceItsAgentSaysWhatOnlyTheKnockSaid() {
        run();
        assertThat(knocks).hasSize(2);
        assertThat(knocks.getFirst().endpoints()).containsExactly("192.0.2.1:4500");
        assertThat(isOpen("node1")).isFalse();
        long version = view().version();
        hear(a);
        assertThat(isOpen("node1")).isTrue();
        assertThat(isOpen("node2")).isFalse();
        assertThat(view().version()).isGreaterThan(version);
        NetworkView told = b.told(CoordinatorMessage.NetworkChanged.class).getLast().network();
        assertThat(told.members()).filteredOn(NetworkMember::openPort).hasSize(1);
        assertThat(told.metered()).isTrue();
    }

    @Test
    void letsNobodyGuessTwice() {
        run();
        long label = a.told(CoordinatorMessage.PortKnocked.class).getLast().label();
        a.say(fixture.market(), new AgentMessage.KnockHeard(label, knocks.getFirst().secret() + 1));
        hear(a);
        assertThat(isOpen("node1")).isFalse();
        // Nor does another's answer count.
        long other = b.told(CoordinatorMessage.PortKnocked.class).getLast().label();
        a.say(fixture.market(), new AgentMessage.KnockHeard(other, knocks.getLast().secret()));
        assertThat(isOpen("node1")).isFalse();
        assertThat(isOpen("node2")).isFalse();
    }

    @Test
    void knocksEveryFiveMinutesAndForgetsAPortThatHearsNothing() {
        run();
        hear(a);
        hear(b);
        b.forget();
        int heard = 0;
        for (int minute = 1; minute <= 20; minute++) {
            meter(minute * 60L, 60);
            if (b.told(CoordinatorMessage.PortKnocked.class).size() > heard) {
                hear(b);
                heard++;
            }
            // One knock may be lost, and the next.
            assertThat(isOpen("node1")).as("after %d minutes", minute).isEqualTo(minute < 15);
        }
        assertThat(heard).isEqualTo(4);
        assertThat(isOpen("node2")).isTrue();
    }

    @Test
    void paysForWhatBothEndsCountedDirectly() {
        run();
        hear(a);
        meter(100);
        counts(a, first, report(member("node2"), 3 * GIGABYTE, GIGABYTE, 2 * GIGABYTE));
        counts(b, second, report(member("node1"), GIGABYTE, 5 * GIGABYTE, 5 * GIGABYTE));
        meter(200);
        LeaseTraffic traffic = traffic(first);
        assertThat(traffic.savedBytes()).isEqualTo(3 * GIGABYTE);
        assertThat(traffic.bonus()).isEqualTo(Credits.parse("0.03"));
        assertThat(traffic(second).savedBytes()).isZero();
        assertThat(fixture.balance(Book.earnings(one))).isEqualTo(Credits.parse("0.05"));
        assertThat(fixture.balance(Book.COMMISSION)).isEqualTo(Credits.parse("0.97"));
        end(200);
        assertThat(traffic(first).bonus()).isEqualTo(Credits.parse("0.03"));
        assertThat(fixture.market().ledger(one, 10, 0).entries())
                .extracting(LedgerPage.Entry::kind)
                .contains("bonus");
        assertThat(fixture.market().deals().sales(one).sales().getFirst().traffic())
                .isEqualTo(traffic(first));
    }

    @Test
    void sharesWhereBothPortsAreOpenAndPaysWhatIsReportedLateOnce() {
        run();
        hear(a);
        hear(b);
        meter(100);
        counts(a, first, report(member("node2"), GIGABYTE, GIGABYTE, GIGABYTE));
        counts(b, second, report(member("node1"), GIGABYTE, GIGABYTE, GIGABYTE));
        meter(200);
        meter(300);
        assertThat(bonus(first)).isEqualTo(Credits.parse("0.01"));
        assertThat(bonus(second)).isEqualTo(Credits.parse("0.01"));
        MemberId node1 = member("node1");
        MemberId node2 = member("node2");
        counts(a, first, report(node2, 2 * GIGABYTE, GIGABYTE, 2 * GIGABYTE));
        a.end(fixture.market(), first, EndReason.POWERED_OFF, 300_000);
        // Of the other end it is heard only when the first machine is gone.
        counts(b, second, report(node1, GIGABYTE, 2 * GIGABYTE, 2 * GIGABYTE));
        b.end(fixture.market(), second, EndReason.POWERED_OFF, 300_000);
        assertThat(bonus(first)).isEqualTo(Credits.parse("0.015"));
        assertThat(bonus(second)).isEqualTo(Credits.parse("0.015"));
    }

    @Test
    void paysForTheBuyersComputerAsWellButNothingBetweenOnesOwn() {
        fixture.deposit(one, "10");
        order =
                fixture.market()
                        .order(
                                new Caller.Person(one),
                                MarketFixture.request("own", fixture.image(one, "bytes"), 2, 3600),
                                "");
        buyer = one;
        first = order.leases().getFirst().id();
        second = order.leases().getLast().id();
        a.run(fixture.market(), first, 1);
        b.run(fixture.market(), second, 2);
        hear(a);
        hear(b);
        meter(100);
        MemberId laptop =
                fixture.market()
                        .joinNetwork(
                                one,
                                order.network(),
                                new NetworkJoin("laptop", FakeAgent.key(50), List.of()))
                        .self();
        for (String node : List.of("node1", "node2")) {
            fixture.market()
                    .deals()
                    .countTraffic(
                            one,
                            order.network(),
                            laptop,
                            report(member(node), GIGABYTE, GIGABYTE, GIGABYTE));
        }
        counts(a, first, report(laptop, GIGABYTE, GIGABYTE, GIGABYTE));
        counts(b, second, report(laptop, GIGABYTE, GIGABYTE, GIGABYTE));
        meter(200);
        assertThat(bonus(first)).isEqualTo(Credits.ZERO);
        assertThat(bonus(second)).isEqualTo(Credits.parse("0.02"));
        end(200);
    }

    @Test
    void paysNothingForWhatPassedWhileThePortWasNotOpen() {
        run();
        meter(100);
        counts(a, first, report(member("node2"), GIGABYTE, GIGABYTE, GIGABYTE));
        counts(b, second, report(member("node1"), GIGABYTE, GIGABYTE, GIGABYTE));
        meter(200);
        hear(a);
        meter(300);
        assertThat(traffic(first).savedBytes()).isZero();
        counts(a, first, report(member("node2"), 2 * GIGABYTE, GIGABYTE, 2 * GIGABYTE));
        counts(b, second, report(member("node1"), GIGABYTE, 2 * GIGABYTE, 2 * GIGABYTE));
        end(300);
        assertThat(traffic(first).savedBytes()).isEqualTo(GIGABYTE);
    }

    @Test
    void paysNoMoreThanAPartOfTheBuyersOwnCommission() {
        run();
        hear(a);
        meter(100);
        counts(a, first, report(member("node2"), 500 * GIGABYTE, 0, 500 * GIGABYTE));
        counts(b, second, report(member("node1"), 0, 500 * GIGABYTE, 500 * GIGABYTE));
        end(100);
        assertThat(bonus(first)).isEqualTo(Credits.parse("0.5"));
        assertThat(traffic(first).savedBytes()).isEqualTo(500 * GIGABYTE);
        assertThat(fixture.balance(Book.COMMISSION)).isEqualTo(Credits.parse("0.5"));
    }

    @Test
    void survivesThatACommissionGoesBackOfWhichABonusWasPaid() {
        paysNoMoreThanAPartOfTheBuyersOwnCommission();
        fixture.decide(tx -> {
            var row = tx.deposits().paidBy(buyer).getFirst();
            var gone =
                    new org.sparegrid.coordinator.store.DepositTable.Gone(
                            row.deposit().amount(), Credits.ZERO, Credits.ZERO, Credits.ZERO);
            tx.deposits()
                    .setGone(
                            row.deposit().id(),
                            Postings.takeBack(tx, row, row.gone(), gone, fixture.now()));
            return true;
        });
        assertThat(fixture.balance(Book.COMMISSION)).isEqualTo(Credits.ZERO);
        // The commission's other half, and what of the wallet was spent.
        assertThat(fixture.balance(Book.LOSSES)).isEqualTo(Credits.parse("-0.53"));
    }

    @Test
    void keepsWhatItKnowsWhenTheCoordinatorStartsAgain() throws IOException {
        run();
        hear(a);
        SellerId seller = order.leases().getFirst().seller();
        fixture.restart();
        Optional<OpenPortTable.Row> port = fixture.decide(tx -> tx.openPorts().find(seller));
        assertThat(port.orElseThrow().open()).isTrue();
        assertThat(isOpen("node1")).isTrue();
    }
}
