// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.history.Outcome;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.OrderTable;
import org.sparegrid.coordinator.store.PostgresCluster;
import org.sparegrid.coordinator.store.Store;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.market.LeaseEvent;
import org.sparegrid.protocol.market.LeaseState;

/// Two nodes, each a process of its own, that lead a market in turns: the one that leads is frozen
/// in the middle of its work and thawed when the other has taken over, or killed.
class TurnsIT {
    private static final boolean FULL = Boolean.getBoolean("sparegrid.full");
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(FULL ? 20 : 3);
    private static final int KILLED = 137;
    private static final int ROWS_MAX = 1_000_000;

    /// What of a record a kill may cost: the last second, and what a slow computer adds.
    private static final Duration RECORD_LOST_MAX = Duration.ofSeconds(5);

    private final Store.Postgres server = PostgresCluster.newDatabase();
    private final List<Node> nodes = new ArrayList<>();

    @TempDir private Path folder;
    private AccountId buyer;
    private AccountId owner;
    private ImageId image;

    /// One process, and what it said.
    private static final class Node {
        private final Process process;
        private final List<String> said = new ArrayList<>();
        private final Map<String, Integer> counts = new HashMap<>();

        Node(Process process) {
            this.process = process;
            Thread.ofVirtual().start(this::listen);
        }

        private void listen() {
            try (BufferedReader out = process.inputReader()) {
                for (String line = out.readLine(); line != null; line = out.readLine()) {
                    hear(line);
                }
            } catch (IOException closed) {
                throw new UncheckedIOException(closed);
            }
        }

        private synchronized void hear(String line) {
            said.add(line);
            counts.merge(line.split(" ", 2)[0], 1, Integer::sum);
            notifyAll();
        }

        synchronized List<String> said() {
            return List.copyOf(said);
        }

        /// How many lines began with that word.
        synchronized int count(String word) {
            return counts.getOrDefault(word, 0);
        }

        synchronized void await(Predicate<Node> until) throws InterruptedException {
            long end = System.nanoTime() + PATIENCE_NANOS;
            while (!until.test(this)) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                assertThat(left).as("the node said enough").isPositive();
                wait(left);
            }
        }

        void signal(String name) throws Exception {
            Process kill =
                    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
            assertThat(kill.waitFor()).isZero();
        }
    }

    @AfterEach
    void end() throws InterruptedException {
        for (Node node : nodes) {
            node.process.destroyForcibly();
            node.process.waitFor();
        }
    }

    /// The node that was frozen goes on as if no time had passed: what it still writes is refused.
    @Test
    void sellsNoSlotTwiceWhenALeaderIsFrozenAndComesBack() throws Exception {
        int perTurn = Integer.getInteger("turns.orders", FULL ? 10_000 : 300);
        int turns = FULL ? 10 : 2;
        int sellers = 32;
        prepare(sellers);
        Node leader = start("a", sellers, 4, 0);
        leader.await(node -> node.count("leads") == 1);
        Node other = start("b", sellers, 4, 0);
        for (int turn = 0; turn < turns; turn++) {
            sell(leader, perTurn);
            long led = other.count("leads");
            leader.signal("STOP");
            other.await(node -> node.count("leads") > led);
            long taken = other.count("sold");
            other.await(node -> node.count("sold") > taken + 20);
            leader.signal("CONT");
            long ledBefore = turn / 2;
            leader.await(node -> node.count("led") > ledBefore);
            Node was = leader;
            leader = other;
            other = was;
        }
        sell(leader, perTurn);
        for (Node node : nodes) {
            node.process.outputWriter().close();
            assertThat(node.process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
        Set<String> acknowledged = new HashSet<>();
        for (Node node : nodes) {
            node.said().stream()
                    .filter(line -> line.startsWith("sold "))
                    .forEach(line -> assertThat(acknowledged.add(line.substring(5))).isTrue());
        }
        assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(perTurn * (turns + 1));
        int reused = checkSlots(acknowledged);
        for (String name : List.of("a", "b")) {
            Outcome outcome = Outcome.of(TurnNode.record(folder, name));
            assertThat(outcome.different).isEmpty();
            assertThat(outcome.unchecked).isEmpty();
            assertThat(outcome.result.faults()).isEmpty();
            assertThat(outcome.result.notes()).isEmpty();
        }
        System.out.println(
                "TurnsIT: %d orders in %d turns, slots sold again %d times, none twice at once"
                        .formatted(acknowledged.size(), turns + 1, reused));
    }

    /// Each node's record replays with the same choices, though its process was killed in the
    /// middle of them and others led in between; what a kill cut off is told.
    @Test
    void keepsARecordThatReplaysThoughLeadersAreKilled() throws Exception {
        int perTurn = FULL ? 3_000 : 200;
        int turns = FULL ? 8 : 3;
        int sellers = 32;
        prepare(sellers);
        Instant[] killed = new Instant[turns];
        Node leader = start("a", sellers, 4, 0);
        leader.await(node -> node.count("leads") == 1);
        for (int turn = 0; turn < turns; turn++) {
            Node other = start(turn % 2 == 0 ? "b" : "a", sellers, 4, 0);
            sell(leader, perTurn);
            leader.signal("KILL");
            assertThat(leader.process.waitFor()).isEqualTo(KILLED);
            killed[turn] = Instant.now();
            other.await(node -> node.count("leads") == 1);
            leader = other;
        }
        sell(leader, perTurn);
        leader.process.outputWriter().close();
        assertThat(leader.process.waitFor(60, TimeUnit.SECONDS)).isTrue();

        Set<OrderId> recorded = new HashSet<>();
        for (String name : List.of("a", "b")) {
            recorded.addAll(replay(name, turns));
        }
        int lost = checkRecorded(recorded, killed);
        System.out.println(
                "TurnsIT: %d orders in the records of two nodes after %d kills, %d lost with them"
                        .formatted(recorded.size(), turns, lost));
    }

    /// Makes a node's choices again.
    ///
    /// @return the orders that got their machines
    private Set<OrderId> replay(String name, int kills) throws IOException {
        Outcome outcome = Outcome.of(TurnNode.record(folder, name));
        assertThat(outcome.different).isEmpty();
        assertThat(outcome.unchecked).isEmpty();
        assertThat(outcome.result.faults()).isEmpty();
        assertThat(outcome.result.notes())
                .hasSizeLessThanOrEqualTo(kills)
                .allSatisfy(note -> assertThat(note).contains("the coordinator was killed"));
        assertThat(outcome.result.files()).isGreaterThan(1);
        Set<OrderId> orders = new HashSet<>();
        outcome.same.stream()
                .filter(decision -> decision.missing() == 0)
                .forEach(decision -> orders.add(decision.order()));
        return orders;
    }

    /// All orders are in the records, but for those of the last moments before a kill.
    ///
    /// @return how many of these are not
    private int checkRecorded(Set<OrderId> recorded, Instant... killed) throws IOException {
        int lost = 0;
        try (Database database = Database.open(server, 1)) {
            for (OrderTable.Row row : database.read(tx -> tx.orders().list(buyer, ROWS_MAX))) {
                if (!recorded.contains(row.id())) {
                    lost++;
                    assertThat(killed)
                            .as("%s of %s", row.id(), row.created())
                            .anySatisfy(kill ->
                                    assertThat(row.created())
                                            .isBetween(kill.minus(RECORD_LOST_MAX), kill));
                }
            }
            assertThat(recorded).hasSizeGreaterThan(lost);
        }
        return lost;
    }

    /// Waits until a node has sold so many more. The rate must not fall as the history grows.
    private static void sell(Node leader, int orders) throws InterruptedException {
        long began = System.nanoTime();
        long before = leader.count("sold");
        leader.await(node -> node.count("sold") >= before + orders);
        double seconds = (System.nanoTime() - began) / 1e9;
        System.out.printf(
                Locale.ROOT,
                "TurnsIT: a turn of %d orders took %.1f s, %.0f a second%n",
                orders,
                seconds,
                orders / seconds);
    }

    /// What ran goes on, and orders are answered by the other node.
    @Test
    void losesNoLeaseWhenALeaderIsKilled() throws Exception {
        int sellers = FULL ? 100_000 : 1_000;
        int running = 100;
        prepare(sellers);
        Node leader = start("a", sellers, 1, running);
        leader.await(node -> node.count("offering") == 1 && node.count("running") >= running);
        Node other = start("b", sellers, 1, running);
        other.await(node -> node.count("ready") == 1);
        Set<String> ran = new HashSet<>();
        leader.signal("KILL");
        assertThat(leader.process.waitFor()).isEqualTo(KILLED);
        long killed = System.nanoTime();
        leader.said().stream()
                .filter(line -> line.startsWith("running "))
                .forEach(line -> ran.add(line.substring("running ".length())));
        other.await(node -> node.count("sold") > 0);
        long answered = System.nanoTime();
        other.await(node -> node.count("sold") >= running);
        long busy = System.nanoTime();
        other.await(node -> node.count("offering") == 1);
        long whole = System.nanoTime();
        try (Database database = Database.open(server, 1)) {
            assertThat(ran).hasSizeGreaterThanOrEqualTo(running);
            for (String lease : ran) {
                LeaseState state =
                        database.read(tx -> tx.leases().find(new LeaseId(lease)).orElseThrow())
                                .status()
                                .state();
                assertThat(state).as(lease).isEqualTo(LeaseState.RUNNING);
            }
            assertThat(database.<List<String>>read(tx -> tx.ledger().faults())).isEmpty();
        }
        System.out.println(
                "TurnsIT: %d asks, %d machines ran on; after the kill: first order %d ms, %d orders"
                                .formatted(
                                        sellers,
                                        ran.size(),
                                        (answered - killed) / 1_000_000,
                                        running)
                        + " %d ms, all asks there %d ms"
                                .formatted(
                                        (busy - killed) / 1_000_000, (whole - killed) / 1_000_000));
    }

    /// Fills the tables, as long as no node leads.
    private void prepare(int sellers) throws IOException {
        try (MarketFixture fixture = new MarketFixture(folder, server)) {
            buyer = fixture.register("buyer@grid.example");
            owner = fixture.register("owner@grid.example");
            fixture.give(buyer, "1000000");
            image = fixture.image(buyer, "image");
            fixture.decide(tx -> {
                for (int number = 0; number < sellers; number++) {
                    tx.sellers().enrol(TurnNode.seller(number), owner, fixture.now());
                }
                return true;
            });
        }
    }

    private Node start(String name, int sellers, int slots, int staying) throws IOException {
        String setting =
                "postgresql://%s@:%d/%s?host=%s"
                        .formatted(server.user(), server.port(), server.database(), server.host());
        List<String> command =
                List.of(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-XX:+UseSerialGC",
                        "-Djava.io.tmpdir=" + folder,
                        "-cp",
                        System.getProperty("java.class.path"),
                        TurnNode.class.getName(),
                        setting,
                        name,
                        folder.toString(),
                        image.toString(),
                        buyer.toString(),
                        Integer.toString(sellers),
                        Integer.toString(slots),
                        Integer.toString(staying));
        Node node =
                new Node(
                        new ProcessBuilder(command)
                                .redirectError(Files.createTempFile(folder, name, ".log").toFile())
                                .start());
        nodes.add(node);
        return node;
    }

    /// Everything that was acknowledged is there, and no two leases had one slot at one time.
    ///
    /// @return how often a slot was sold to another after the one before had ended
    private int checkSlots(Set<String> acknowledged) throws IOException {
        Set<String> missing = new HashSet<>(acknowledged);
        Map<SlotId, TreeMap<Instant, Instant>> sold = new HashMap<>();
        int again = 0;
        try (Database database = Database.open(server, 1)) {
            for (LeaseTable.Row row : database.read(tx -> tx.leases().ofOwner(owner, ROWS_MAX))) {
                missing.remove(row.id().toString());
                List<LeaseEvent> events = database.read(tx -> tx.leases().events(row.id()));
                Instant began = events.getFirst().at();
                Instant ended =
                        events.stream()
                                .filter(event -> event.state() == LeaseState.ENDED)
                                .map(LeaseEvent::at)
                                .findFirst()
                                .orElse(Instant.MAX);
                TreeMap<Instant, Instant> others =
                        sold.computeIfAbsent(row.slot(), _ -> new TreeMap<>());
                again += others.isEmpty() ? 0 : 1;
                assertApart(others, began, ended, row.slot());
                others.merge(began, ended, (one, two) -> one.isAfter(two) ? one : two);
            }
            assertThat(missing).isEmpty();
            assertThat(database.<List<String>>read(tx -> tx.ledger().faults())).isEmpty();
        }
        return again;
    }

    private static void assertApart(
            TreeMap<Instant, Instant> others, Instant began, Instant ended, SlotId slot) {
        var before = others.floorEntry(began);
        if (before != null) {
            assertThat(began).as(slot.toString()).isAfterOrEqualTo(before.getValue());
        }
        Instant next = others.higherKey(began);
        if (next != null) {
            assertThat(ended).as(slot.toString()).isBeforeOrEqualTo(next);
        }
    }
}
