// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.operation.Caller;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.OpenPortTable;
import org.sparegrid.coordinator.store.Store;
import org.sparegrid.coordinator.store.TrafficTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.api.NetworkJoin;
import org.sparegrid.protocol.api.OrderRequest;
import org.sparegrid.protocol.market.AskTraits;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.NetworkMember;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.OrderState;
import org.sparegrid.protocol.market.VolumeOffer;
import org.sparegrid.protocol.market.WeekHours;

/// Kills the coordinator with SIGKILL, again and again, between what the members of a network say
/// of their traffic and its settlement.
class KilledTrafficTest {
    private static final int KILLS = Boolean.getBoolean("sparegrid.full") ? 50 : 3;
    private static final int STEPS = 25 * (KILLS + 1);
    private static final int REPEATED_MAX = 20;
    private static final int RUNS_MAX = 20 * KILLS;
    private static final int KILLED = 137;
    private static final Credits GIVEN = Credits.parse("1000");

    /// Of its commission more can be paid in bonuses than the traffic causes.
    private static final String PAID_IN = "100";

    private static final Credits KEPT = Credits.parse("90");

    @TempDir private Path folder;
    private AccountId buyer;
    private AccountId one;
    private AccountId two;
    private OrderId order;
    private List<LeaseId> leases;
    private final List<MemberId> members = new ArrayList<>();
    private TrafficHistory history;
    private final int[] done = new int[TrafficHistory.MEMBERS];
    private int ended;

    @Test
    void billsEachPairOnceByTheSmallerCountHoweverOftenItIsKilled() throws Exception {
        Long given = Long.getLong("test.seed");
        long seed = given == null ? new Random().nextLong() : given;
        try {
            history = new TrafficHistory(seed, STEPS);
            setUp();
            kill(seed);
        } catch (AssertionError failure) {
            throw new AssertionError("fails with -Dtest.seed=" + seed, failure);
        }
    }

    private void setUp() throws IOException {
        try (MarketFixture fixture = KilledTraffic.open(folder, Duration.ZERO)) {
            buyer = fixture.register("buyer@example.org");
            one = fixture.register("one@example.org");
            two = fixture.register("two@example.org");
            fixture.give(buyer, GIVEN.toString());
            fixture.deposit(buyer, PAID_IN);
            List<FakeAgent> agents =
                    List.of(
                            agent(fixture, one, 1, "0.02"),
                            agent(fixture, two, 2, "0.05"),
                            agent(fixture, one, 3, "0.07"));
            Order placed =
                    fixture.market()
                            .order(
                                    new Caller.Person(buyer),
                                    new OrderRequest(spec(fixture), Credits.parse("500"), true),
                                    "");
            order = placed.id();
            leases = placed.leases().stream().map(Lease::id).toList();
            for (int i = 0; i < agents.size(); i++) {
                assertThat(placed.leases().get(i).seller().value()).endsWith("" + (i + 1));
                agents.get(i).run(fixture.market(), leases.get(i), i + 1);
            }
            fixture.decide(tx -> {
                for (Lease lease : List.of(placed.leases().getFirst(), placed.leases().getLast())) {
                    tx.openPorts()
                            .put(
                                    new OpenPortTable.Row(
                                            lease.seller(), fixture.now(), 0, 0, 0, true));
                }
                return true;
            });
            fixture.market()
                    .joinNetwork(
                            buyer,
                            placed.network(),
                            new NetworkJoin("laptop", FakeAgent.key(50), List.of()));
            List<NetworkMember> there =
                    fixture.market().network(buyer, placed.network(), -1, Duration.ZERO).members();
            for (String name : List.of("node1", "node2", "node3", "laptop")) {
                there.stream()
                        .filter(member -> member.name().equals(name))
                        .forEach(member -> members.add(member.id()));
            }
        }
    }

    private static FakeAgent agent(MarketFixture fixture, AccountId owner, int number, String fee) {
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

    private OrderSpec spec(MarketFixture fixture) {
        long seconds = (STEPS + 100) * TrafficHistory.STEP_MILLIS / 1000;
        OrderSpec any =
                MarketFixture.request(
                                "blue",
                                fixture.image(buyer, "bytes"),
                                TrafficHistory.MACHINES,
                                seconds)
                        .spec();
        return TrafficTest.spec(any, TrafficHistory.megabytesMax(STEPS));
    }

    private void kill(long seed) throws IOException, InterruptedException {
        Random random = new Random(seed);
        int kills = 0;
        for (int run = 0; run < RUNS_MAX && ended < TrafficHistory.MACHINES; run++) {
            int[] from = done.clone();
            for (int i = 0; i < from.length; i++) {
                // Who did not hear that it was understood says it again, and old messages come
                // late.
                from[i] = Math.max(0, from[i] - random.nextInt(REPEATED_MAX));
            }
            kills += run(seed, from, lines(random, kills)) ? 1 : 0;
            check(from);
        }
        assertThat(kills).isGreaterThanOrEqualTo(KILLS);
        checkEnd();
    }

    /// After how many new lines to kill: at random, but so that enough kills fit.
    private int lines(Random random, int kills) {
        int left = TrafficHistory.MEMBERS * STEPS - Arrays.stream(done).sum();
        int killsLeft = KILLS + 1 - kills;
        return killsLeft > 0
                ? 1 + random.nextInt(Math.max(1, 2 * left / (killsLeft + 1)))
                // Then among the ends of the machines.
                : left == 0 && random.nextBoolean() ? 1 + random.nextInt(2) : Integer.MAX_VALUE;
    }

    private boolean run(long seed, int[] from, int linesMax)
            throws IOException, InterruptedException {
        Process coordinator = start(seed, from);
        int lines = 0;
        try (BufferedReader out = coordinator.inputReader()) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                // A killed process may leave half a line.
                if (line.matches("done [0-9] [0-9]+")) {
                    String[] words = line.split(" ");
                    int member = Integer.parseInt(words[1]);
                    int next = Integer.parseInt(words[2]) + 1;
                    lines += next > done[member] ? 1 : 0;
                    done[member] = Math.max(done[member], next);
                } else if (line.matches("ended [0-9]")) {
                    lines++;
                    ended = Integer.parseInt(line.split(" ")[1]) + 1;
                }
                if (lines >= linesMax) {
                    // By its handle, as then its output stays open: what it said counts.
                    coordinator.toHandle().destroyForcibly();
                }
            }
        } finally {
            coordinator.destroyForcibly();
        }
        assertThat(coordinator.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(coordinator.exitValue()).isIn(0, KILLED);
        return coordinator.exitValue() == KILLED;
    }

    private Process start(long seed, int[] from) throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                // SQLite unpacks its library there, and a killed process leaves it.
                                "-Djava.io.tmpdir=" + folder,
                                "-cp",
                                System.getProperty("java.class.path"),
                                KilledTraffic.class.getName(),
                                folder.toString(),
                                Long.toString(seed),
                                Integer.toString(STEPS),
                                buyer.value(),
                                order.value()));
        members.forEach(member -> command.add(member.value()));
        Arrays.stream(from).mapToObj(Integer::toString).forEach(command::add);
        return new ProcessBuilder(command).redirectError(folder.resolve("log").toFile()).start();
    }

    /// What was said to be done is there, what is billed is what both ends had counted by then, and
    /// the books balance.
    private void check(int[] from) throws IOException {
        int[] next = done.clone();
        for (int i = 0; i < next.length; i++) {
            next[i] = Math.min(STEPS, Math.max(done[i], from[i]) + 1);
        }
        read(tx -> {
            assertThat(tx.ledger().faults()).isEmpty();
            assertThat(tx.ledger().audit(Optional.empty()).faults()).isEmpty();
            boolean open = tx.orders().find(order).orElseThrow().state() != OrderState.CLOSED;
            for (int i = 0; i < TrafficHistory.MACHINES; i++) {
                LeaseTable.Row row = tx.leases().find(leases.get(i)).orElseThrow();
                assertThat(row.traffic().settledBytes())
                        .isLessThanOrEqualTo(row.traffic().agreedBytes());
                assertThat(row.traffic().agreedBytes())
                        .isLessThanOrEqualTo(history.agreed(i, next));
                assertThat(row.traffic().savedBytes())
                        .isLessThanOrEqualTo(i == 1 ? 0 : history.agreed(i, next));
                assertThat(row.traffic().bonus()).isEqualTo(bonus(row));
                if (open) {
                    assertThat(counted(tx, leases.get(i)))
                            .isIn(history.counted(i, done[i]), history.counted(i, next[i]));
                }
            }
            return true;
        });
    }

    private static Credits bonus(LeaseTable.Row row) {
        return KilledTraffic.BONUS.perGigabyte().perGigabyteFor(row.traffic().savedBytes());
    }

    private static long counted(Transaction tx, LeaseId lease) {
        long sum = 0;
        for (TrafficTable.Exchanged each : tx.traffic().of(lease)) {
            sum += each.sent() + each.received();
        }
        return sum;
    }

    private void checkEnd() throws IOException {
        read(tx -> {
            Credits paid = Credits.ZERO;
            Credits[] earned = {Credits.ZERO, Credits.ZERO};
            long most = TrafficHistory.megabytesMax(STEPS) * 1_000_000;
            for (int i = 0; i < TrafficHistory.MACHINES; i++) {
                LeaseTable.Row row = tx.leases().find(leases.get(i)).orElseThrow();
                long agreed = Math.min(most, history.agreed(i, done));
                assertThat(agreed == most).isEqualTo(i == 2);
                assertThat(row.traffic().agreedBytes()).isEqualTo(agreed);
                assertThat(row.traffic().settledBytes()).isEqualTo(agreed);
                assertThat(row.traffic().charged())
                        .isEqualTo(row.traffic().feePerGigabyte().perGigabyteFor(agreed));
                assertThat(row.charged()).isGreaterThan(Credits.ZERO);
                paid = paid.plus(row.paid());
                assertThat(row.traffic().savedBytes())
                        .isEqualTo(i == 1 ? 0 : history.agreed(i, done));
                assertThat(row.traffic().bonus()).isEqualTo(bonus(row));
                earned[i % 2] = earned[i % 2].plus(row.paid()).plus(row.traffic().bonus());
            }
            assertThat(tx.orders().find(order).orElseThrow().state()).isEqualTo(OrderState.CLOSED);
            assertThat(tx.ledger().balance(Book.earnings(one))).isEqualTo(earned[0]);
            assertThat(tx.ledger().balance(Book.earnings(two))).isEqualTo(earned[1]);
            assertThat(tx.ledger().balance(Book.escrow(order, buyer))).isEqualTo(Credits.ZERO);
            assertThat(tx.ledger().balance(Book.wallet(buyer)))
                    .isEqualTo(GIVEN.plus(KEPT).minus(paid));
            return true;
        });
    }

    private void read(Database.Work<Boolean> check) throws IOException {
        try (Database database = Database.open(new Store.Sqlite(folder.resolve("market.db")), 1)) {
            database.read(check);
        }
    }
}
