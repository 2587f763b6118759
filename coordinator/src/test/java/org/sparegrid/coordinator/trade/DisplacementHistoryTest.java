// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.market.explain.Standing;
import org.sparegrid.coordinator.operation.Caller;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.store.BookingTable;
import org.sparegrid.coordinator.store.DisplacementTable;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.control.MachineReport;
import org.sparegrid.protocol.market.Booking;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.LeaseEvent;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.protocol.market.LeaseState;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderState;
import org.sparegrid.protocol.market.Placement;
import org.sparegrid.testsupport.Property;

/// Random histories of firm and interruptible orders, in which transactions fail at random and the
/// market is started anew at random.
class DisplacementHistoryTest {
    private static final int SELLERS = 4;
    private static final int SLOTS = 2;
    private static final int STEPS = 90;

    /// What a machine may take to start, in seconds.
    private static final long BOOT = 900;

    private static final String NOTICE = "ends at ";

    @TempDir private Path folder;
    private int histories;
    private long displaced;
    private long booked;

    @Test
    void keepsWhatWasPromisedToFirmOrdersAndGivesNoticeToOthers() {
        Property.holds(
                6,
                random -> {
                    try (History history = new History(next(), random)) {
                        history.play();
                        displaced += history.displaced();
                        booked += history.booked();
                    }
                });
        assertThat(displaced).isPositive();
        assertThat(booked).isPositive();
    }

    private Path next() throws IOException {
        return Files.createDirectory(folder.resolve("market" + ++histories));
    }

    private static final class History implements AutoCloseable {
        private final Path database;
        private final RandomGenerator random;
        private final MarketFixture fixture;
        private final List<AccountId> buyers = new ArrayList<>();
        private final Map<AccountId, ImageId> images = new HashMap<>();
        private final Map<SellerId, FakeAgent> agents = new HashMap<>();
        private final List<SellerId> sellers = new ArrayList<>();
        private final Set<SellerId> connected = new HashSet<>();
        private final AccountId owner;
        private int orders;
        private int keys;

        History(Path folder, RandomGenerator random) throws IOException {
            this.database = folder.resolve("market.db");
            this.random = random;
            this.fixture = new MarketFixture(folder);
            for (String name : List.of("a", "b")) {
                AccountId buyer = fixture.register(name + "@example.org");
                images.put(buyer, fixture.image(buyer, name));
                fixture.give(buyer, "1000");
                buyers.add(buyer);
            }
            owner = fixture.register("owner@example.org");
            for (int i = 0; i < SELLERS; i++) {
                SellerId seller = fixture.enrol(owner, i);
                sellers.add(seller);
                agents.put(seller, new FakeAgent(seller, "0.0" + (1 + random.nextInt(8)), SLOTS));
            }
        }

        @Override
        public void close() {
            fixture.close();
        }

        void play() throws Exception {
            sellers.forEach(this::connect);
            kill(true);
            for (int step = 0; step < STEPS; step++) {
                try {
                    happen();
                } catch (RefusedException no) {
                    // There is no match, or no money; that is an answer, too.
                } catch (RuntimeException failed) {
                    assertThat(failed).hasStackTraceContaining("killed");
                }
                check();
            }
            kill(false);
            finish();
        }

        /// From now on statements fail at random, and their transactions with them.
        private void kill(boolean from) throws SQLException {
            try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                    Statement statement = connection.createStatement()) {
                statement.execute("pragma busy_timeout = 20000");
                for (String on :
                        List.of(
                                "insert on lease",
                                "insert on displacement",
                                "delete on displacement",
                                "insert on lease_event",
                                "insert on sought",
                                "insert on booking",
                                "update on booking")) {
                    String name = "kill_" + on.replace(' ', '_');
                    statement.execute(
                            from
                                    ? "create trigger "
                                            + name
                                            + " before "
                                            + on
                                            + " when abs(random()) % 12 = 0 begin"
                                            + " select raise(abort, 'killed'); end"
                                    : "drop trigger " + name);
                }
            }
        }

        private void happen() throws IOException {
            switch (random.nextInt(10)) {
                case 0, 1, 2 -> place();
                case 3 -> end(any(live()));
                case 4, 5, 6 -> fixture.pass(1000L * random.nextInt(60));
                case 7 -> swing(sellers.get(random.nextInt(SELLERS)));
                case 8 -> {
                    if (random.nextInt(3) == 0) {
                        stopSome();
                    }
                }
                default -> restart();
            }
            for (LeaseTable.Row row : live()) {
                if (row.status().state() == LeaseState.STOPPING) {
                    end(List.of(row));
                } else if (!row.status().ran() && random.nextInt(8) > 0) {
                    run(List.of(row));
                }
            }
            sweep();
        }

        private void place() {
            AccountId buyer = buyers.get(random.nextInt(buyers.size()));
            boolean interruptible = random.nextInt(3) > 0;
            boolean reserved = !interruptible && random.nextInt(2) == 0;
            long after = reserved ? 60 + random.nextInt(400) : 0;
            long wait = !reserved && random.nextInt(3) == 0 ? 0 : 200 + random.nextInt(600);
            fixture.market()
                    .order(
                            new Caller.Person(buyer),
                            MarketFixture.request(
                                    "n" + orders++,
                                    images.get(buyer),
                                    1 + random.nextInt(3),
                                    random.nextBoolean() ? 300 : 3600,
                                    new Placement(
                                            0,
                                            0,
                                            random.nextInt(3) == 0 ? 2 : 0,
                                            false,
                                            interruptible,
                                            reserved,
                                            after,
                                            wait,
                                            0)),
                            "");
        }

        private List<LeaseTable.Row> live() {
            return fixture.decide(tx -> tx.leases().live());
        }

        private List<LeaseTable.Row> any(List<LeaseTable.Row> rows) {
            return rows.isEmpty() ? rows : List.of(rows.get(random.nextInt(rows.size())));
        }

        private void run(List<LeaseTable.Row> rows) {
            for (LeaseTable.Row row : rows) {
                if (connected.contains(row.seller())) {
                    agents.get(row.seller()).run(fixture.market(), row.id(), ++keys);
                }
            }
        }

        private void end(List<LeaseTable.Row> rows) {
            for (LeaseTable.Row row : rows) {
                if (connected.contains(row.seller())) {
                    long millis = Duration.between(row.created(), fixture.now()).toMillis();
                    agents.get(row.seller())
                            .end(fixture.market(), row.id(), EndReason.POWERED_OFF, millis);
                }
            }
        }

        private void swing(SellerId seller) {
            if (connected.remove(seller)) {
                agents.get(seller).disconnect(fixture.market());
            } else {
                connect(seller);
            }
        }

        private void connect(SellerId seller) {
            MachineReport[] machines =
                    live().stream()
                            .filter(row -> row.seller().equals(seller) && row.status().ran())
                            .map(row ->
                                    FakeAgent.report(
                                            row.id(), LeaseProgress.Phase.ON_NETWORK, ++keys, 0))
                            .toArray(MachineReport[]::new);
            agents.get(seller).connect(fixture.market(), machines);
            connected.add(seller);
        }

        private void stopSome() {
            AccountId buyer = buyers.get(random.nextInt(buyers.size()));
            fixture.market().orders(buyer).orders().stream()
                    .filter(order -> order.state() != OrderState.CLOSED)
                    .limit(1)
                    .forEach(order -> fixture.market().stopOrder(buyer, order.id()));
        }

        private void restart() throws IOException {
            fixture.restart();
            connected.clear();
            for (SellerId seller : sellers) {
                if (random.nextInt(5) > 0) {
                    connect(seller);
                }
            }
        }

        private void sweep() {
            for (int i = 0; i < 5; i++) {
                fixture.market().tick();
            }
        }

        private void check() {
            fixture.decide(tx -> {
                Set<SlotId> taken = new HashSet<>(tx.leases().takenSlots());
                for (var claimant : tx.displacements().claimants()) {
                    var order = tx.orders().find(claimant).orElseThrow();
                    assertThat(order.state()).isEqualTo(OrderState.OPEN);
                    for (DisplacementTable.Row row : tx.displacements().of(claimant)) {
                        assertThat(row.isOver() && taken.contains(row.slot())).isFalse();
                    }
                }
                checkBookings(tx);
                return true;
            });
            for (AccountId buyer : buyers) {
                fixture.market().orders(buyer).orders().forEach(History::check);
            }
            assertThat(agreesWithTheBook()).isTrue();
        }

        /// No slot is bound to two orders at one time, nor to one while a firm machine may have it.
        private static void checkBookings(Transaction tx) {
            List<BookingTable.Row> bound = tx.bookings().bound();
            for (BookingTable.Row one : bound) {
                for (BookingTable.Row other : bound) {
                    assertThat(
                                    one != other
                                            && one.slot().equals(other.slot())
                                            && one.begins().isBefore(other.ends())
                                            && other.begins().isBefore(one.ends()))
                            .isFalse();
                }
                for (LeaseTable.Row lease : tx.leases().live()) {
                    var order = tx.orders().find(lease.order()).orElseThrow();
                    if (lease.slot().equals(one.slot())
                            && !order.spec().placement().interruptible()) {
                        assertThat(lease.created().plusSeconds(lease.secondsMax() + BOOT))
                                .isBeforeOrEqualTo(one.begins());
                    }
                }
            }
        }

        private static void check(Order order) {
            boolean interruptible = order.spec().placement().interruptible();
            order.leases()
                    .forEach(lease -> {
                        Instant told = Instant.MAX;
                        for (LeaseEvent event : lease.events()) {
                            if (event.detail().startsWith(NOTICE)) {
                                assertThat(interruptible).isTrue();
                                String at = event.detail().substring(NOTICE.length()).split(",")[0];
                                told = Instant.parse(at);
                                assertThat(told).isAfterOrEqualTo(event.at().plusSeconds(120));
                            } else if (event.detail().contains("a firm order displaced")
                                    || event.detail().contains("its slot was bound")) {
                                assertThat(interruptible).isTrue();
                                assertThat(event.at()).isAfterOrEqualTo(told);
                            }
                        }
                    });
        }

        /// What is free is what is neither leased nor kept. The market's own clock may be at work.
        private boolean agreesWithTheBook() {
            for (int i = 0; i < 200; i++) {
                Set<SlotId> gone = new HashSet<>();
                fixture.decide(tx -> {
                    gone.addAll(tx.leases().takenSlots());
                    return gone.addAll(tx.displacements().slots());
                });
                long there =
                        connected.size() * SLOTS
                                - gone.stream()
                                        .filter(slot -> connected.contains(slot.seller()))
                                        .count();
                long free =
                        fixture
                                .market()
                                .exchange()
                                .asks()
                                .standings(fixture.decide(tx -> Access.of(tx, owner)))
                                .stream()
                                .mapToInt(Standing::free)
                                .sum();
                if (free == there) {
                    return true;
                }
                Thread.onSpinWait();
            }
            return false;
        }

        long displaced() {
            return buyers.stream()
                    .flatMap(buyer -> fixture.market().orders(buyer).orders().stream())
                    .flatMap(order -> order.leases().stream())
                    .filter(lease -> lease.ended().equals("PREEMPTED"))
                    .count();
        }

        long booked() {
            return buyers.stream()
                    .flatMap(buyer -> fixture.market().orders(buyer).orders().stream())
                    .flatMap(order -> order.bookings().stream())
                    .filter(booking -> booking.state() == Booking.State.TAKEN)
                    .count();
        }

        private void finish() throws IOException {
            restart();
            for (SellerId seller : sellers) {
                if (!connected.contains(seller)) {
                    connect(seller);
                }
            }
            for (int i = 0; i < 8; i++) {
                for (AccountId buyer : buyers) {
                    for (Order order : fixture.market().orders(buyer).orders()) {
                        fixture.market().stopOrder(buyer, order.id());
                    }
                }
                end(live());
                sweep();
            }
            assertThat(live()).isEmpty();
            assertThat(fixture.<List<SlotId>>decide(tx -> tx.displacements().slots())).isEmpty();
            assertThat(agreesWithTheBook()).isTrue();
            Credits all = fixture.balance(Book.earnings(owner));
            for (AccountId buyer : buyers) {
                all = all.plus(fixture.balance(Book.wallet(buyer)));
                for (Order order : fixture.market().orders(buyer).orders()) {
                    assertThat(order.state()).isEqualTo(OrderState.CLOSED);
                    assertThat(order.escrow()).isEqualTo(Credits.ZERO);
                    assertThat(order.leases())
                            .allMatch(lease -> lease.state() == LeaseState.SETTLED);
                }
            }
            assertThat(all).isEqualTo(Credits.parse("2000"));
            assertThat(fixture.faults()).isEmpty();
        }
    }
}
