// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.operation.Caller;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.store.LedgerTable;
import org.sparegrid.coordinator.store.OpenPortTable;
import org.sparegrid.coordinator.store.Store;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.api.Dispute;
import org.sparegrid.protocol.api.Gift;
import org.sparegrid.protocol.api.Payout;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.NetworkMember;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.PeerTraffic;
import org.sparegrid.protocol.market.TrafficReport;
import org.sparegrid.testsupport.Property;

/// One person with several accounts and computers, all ports open, who pays in, deals with himself,
/// counts what never was, gives, keeps, complains and has himself paid: whatever he does, the
/// operator keeps the part of the commission that is not for bonuses.
class SelfDealingTest {
    private static final int RUNS = 4;
    private static final int STEPS = 40;
    private static final int SHARE = 5000;
    private static final OpenPortBonus BONUS = new OpenPortBonus(Credits.parse("1"), SHARE);
    private static final long TERABYTE = 1_000_000_000_000L;

    /// What people hold in such books is theirs.
    private static final Set<String> THEIRS =
            Set.of("wallet", "escrow", "earnings", "payout_clearing", "dispute_reserve");

    @TempDir private Path folder;

    @Test
    void takesOutNoMoreThanWentIn() {
        Property.holds(
                RUNS,
                random -> {
                    Path home = Files.createTempDirectory(folder, "run");
                    Person person = new Person(home, random);
                    try {
                        for (int i = 0; i < STEPS; i++) {
                            person.step();
                            person.check();
                        }
                        assertThat(person.bonuses).as("it was worth trying").isPositive();
                    } finally {
                        person.fixture.close();
                    }
                });
    }

    /// His accounts, his computers and what he does with them.
    private static final class Person {
        private final RandomGenerator random;
        private final MarketFixture fixture;
        private final List<AccountId> accounts = new ArrayList<>();
        private final List<FakeAgent> agents = new ArrayList<>();
        private final List<SellerId> sellers = new ArrayList<>();
        private final List<LeaseId> ended = new ArrayList<>();
        private final List<Payout> payouts = new ArrayList<>();
        private int number;
        private long bonuses;

        Person(Path home, RandomGenerator random) throws IOException {
            this.random = random;
            this.fixture =
                    new MarketFixture(
                            home,
                            new Store.Sqlite(home.resolve("market.db")),
                            Duration.ZERO,
                            MarketFixture.with(BONUS));
            for (int i = 0; i < 3; i++) {
                AccountId account = fixture.register("person" + i + "@example.org");
                SellerId seller = fixture.enrol(account, i + 1);
                accounts.add(account);
                sellers.add(seller);
                agents.add(new FakeAgent(seller, "0.36", 1).connect(fixture.market()));
                fixture.decide(tx -> {
                    tx.openPorts().put(new OpenPortTable.Row(seller, fixture.now(), 0, 0, 0, true));
                    return true;
                });
            }
            fixture.deposit(any(), "5");
        }

        private AccountId any() {
            return accounts.get(random.nextInt(accounts.size()));
        }

        private String key() {
            return "request-" + number++;
        }

        void step() {
            AccountId account = any();
            try {
                switch (random.nextInt(8)) {
                    case 0 -> fixture.deposit(account, String.valueOf(1 + random.nextInt(20)));
                    case 1 -> give(account, any(), fixture.balance(Book.wallet(account)));
                    case 2 -> give(account, account, fixture.balance(Book.earnings(account)));
                    case 3 -> payOut(account);
                    case 4 -> complain();
                    default -> deal(account);
                }
            } catch (RefusedException no) {
                // As often as he lacks the money.
                number++;
            }
        }

        private void give(AccountId from, AccountId to, Credits all) {
            Credits part = all.basisPoints(1 + random.nextInt(10_000));
            if (part.nanos() > 0) {
                fixture.market().deals().give(new Caller.Person(from), new Gift(to, part), key());
            }
        }

        private void payOut(AccountId account) {
            Credits all = fixture.balance(Book.earnings(account));
            payouts.add(
                    fixture.market()
                            .deals()
                            .payOut(
                                    new Caller.Person(account),
                                    new Payout.Request(all, "SE35 5000"),
                                    key()));
            fixture.<Boolean>decide(tx ->
                    Decisions.close(
                            tx,
                            "operator",
                            payouts.getLast().id(),
                            random.nextInt(4) > 0,
                            fixture.now()));
        }

        private void complain() {
            if (ended.isEmpty()) {
                return;
            }
            LeaseId lease = ended.remove(random.nextInt(ended.size()));
            AccountId buyer =
                    fixture.decide(tx ->
                            tx.orders()
                                    .find(tx.leases().find(lease).orElseThrow().order())
                                    .orElseThrow()
                                    .account());
            fixture.market().deals().dispute(buyer, lease, new Dispute.Request("too slow"));
            fixture.<Credits>decide(tx ->
                    Decisions.resolve(
                            tx, "operator", lease, random.nextInt(10_001), fixture.now()));
        }

        /// Two or three machines that say that they exchanged terabytes.
        private void deal(AccountId buyer) {
            int machines = 2 + random.nextInt(2);
            Order order =
                    fixture.market()
                            .order(
                                    new Caller.Person(buyer),
                                    MarketFixture.request(
                                            "n" + number++,
                                            fixture.image(buyer, "bytes"),
                                            machines,
                                            600),
                                    key());
            List<FakeAgent> there = new ArrayList<>();
            for (int i = 0; i < machines; i++) {
                there.add(agents.get(sellers.indexOf(order.leases().get(i).seller())));
                there.get(i).run(fixture.market(), order.leases().get(i).id(), i + 1);
            }
            long seconds = 1 + random.nextInt(600);
            int readings = 1 + random.nextInt(3);
            for (int reading = 1; reading <= readings; reading++) {
                fixture.pass(seconds * 1000 / readings);
                agents.forEach(a -> a.say(fixture.market(), new AgentMessage.Heartbeat()));
                for (int i = 0; i < machines; i++) {
                    LeaseId lease = order.leases().get(i).id();
                    count(order, there.get(i), lease, reading);
                    there.get(i)
                            .meter(fixture.market(), lease, seconds * 1000 / readings * reading);
                }
            }
            for (int i = 0; i < machines; i++) {
                LeaseId lease = order.leases().get(i).id();
                there.get(i).end(fixture.market(), lease, EndReason.POWERED_OFF, seconds * 1000);
                ended.add(lease);
            }
        }

        private void count(Order order, FakeAgent agent, LeaseId lease, int reading) {
            List<NetworkMember> members =
                    fixture.market()
                            .network(buyer(order), order.network(), -1, Duration.ZERO)
                            .members();
            List<PeerTraffic> peers = new ArrayList<>();
            for (NetworkMember member : members) {
                MemberId peer = member.id();
                long bytes = reading * (1 + random.nextLong(TERABYTE / 10));
                peers.add(new PeerTraffic(peer, bytes, bytes, bytes, bytes));
            }
            agent.say(
                    fixture.market(),
                    new AgentMessage.TrafficCounted(lease, new TrafficReport(1, peers)));
        }

        private AccountId buyer(Order order) {
            return fixture.decide(tx -> tx.orders().find(order.id()).orElseThrow().account());
        }

        void check() {
            assertThat(fixture.faults()).isEmpty();
            Credits commission = Credits.ZERO;
            Credits caused = Credits.ZERO;
            for (AccountId account : accounts) {
                Credits own = fixture.decide(tx -> Postings.commission(tx, account));
                Credits paid = fixture.decide(tx -> tx.accounts().bonus(account));
                assertThat(paid).isLessThanOrEqualTo(own.basisPoints(SHARE));
                commission = commission.plus(own);
                caused = caused.plus(paid);
            }
            bonuses = caused.nanos();
            Credits held = Credits.ZERO;
            for (LedgerTable.Total total :
                    fixture.<List<LedgerTable.Total>>decide(tx -> tx.ledger().totals())) {
                held = THEIRS.contains(total.name()) ? held.plus(total.balance()) : held;
            }
            // What came in and is still outside with the provider: the rest was paid to him.
            Credits inside = Credits.ZERO.minus(fixture.balance(Book.CLEARING));
            assertThat(held.plus(commission).minus(caused)).isEqualTo(inside);
            assertThat(fixture.balance(Book.COMMISSION)).isEqualTo(commission.minus(caused));
            assertThat(held)
                    .as("what he holds is what he paid in less what he got and the operator's part")
                    .isLessThanOrEqualTo(inside.minus(commission.basisPoints(10_000 - SHARE)));
        }
    }
}
