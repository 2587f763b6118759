// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.benchmarks.market;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.sparegrid.coordinator.identity.Identity;
import org.sparegrid.coordinator.image.ChunkStore;
import org.sparegrid.coordinator.introduction.AddressPlan;
import org.sparegrid.coordinator.ledger.Transfers;
import org.sparegrid.coordinator.market.formula.PriceCurve;
import org.sparegrid.coordinator.operation.Caller;
import org.sparegrid.coordinator.operation.Operations;
import org.sparegrid.coordinator.payment.TestProvider;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.coordinator.store.Store;
import org.sparegrid.coordinator.trade.Market;
import org.sparegrid.coordinator.trade.MarketSettings;
import org.sparegrid.coordinator.trade.OpenPortBonus;
import org.sparegrid.coordinator.trade.Royalty;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.api.ImageUpload;
import org.sparegrid.protocol.api.OrderRequest;
import org.sparegrid.protocol.api.Registration;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.AskTraits;
import org.sparegrid.protocol.market.Checkpoints;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.Placement;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.VolumeUse;

/// Machines placed a second by the whole coordinator on its real store: matched, paid for, leased
/// and offered to their agents, each order durable before it is answered. The one argument is a
/// folder.
public final class PlacementBenchmark {
    private static final int BUYERS = 32;
    private static final int SELLERS = 400;
    private static final int SLOTS = 100;
    private static final int ROUNDS = 3;
    private static final int CLOCK = 0;
    private static final int CPU = 1;

    private final Market market;
    private final Database database;
    private final List<AccountId> buyers = new ArrayList<>();
    private final List<ImageId> images = new ArrayList<>();
    private final AtomicInteger offers = new AtomicInteger();
    private int names;

    private PlacementBenchmark(Path folder) throws IOException {
        InstantSource clock = InstantSource.system();
        MarketSettings settings =
                new MarketSettings(
                        "https://localhost:8443",
                        1000,
                        Duration.ofSeconds(60),
                        Duration.ofMinutes(10),
                        Duration.ofMinutes(10),
                        Duration.ofMinutes(10),
                        Duration.ofMinutes(2),
                        AddressPlan.Range.parse("10.0.0.0/8"),
                        List.of(),
                        Royalty.NONE,
                        OpenPortBonus.NONE,
                        0,
                        PriceCurve.NONE,
                        List.of());
        this.database = Database.open(new Store.Sqlite(folder.resolve("market.db")), 4);
        this.market =
                Market.open(
                        settings,
                        database,
                        Identity.open(folder.resolve("identity"), clock),
                        ChunkStore.open(folder.resolve("images")),
                        clock,
                        TestProvider.at(clock));
    }

    /// Runs it and prints its goals.
    public static void main(String[] args) throws IOException, InterruptedException {
        PlacementBenchmark benchmark = new PlacementBenchmark(Path.of(args[0]));
        try {
            benchmark.run();
        } finally {
            benchmark.market.close();
            benchmark.database.close();
        }
    }

    private void run() throws InterruptedException {
        open();
        measure(1, 4);
        double[][] single = new double[ROUNDS][];
        double[][] eight = new double[ROUNDS][];
        for (int i = 0; i < ROUNDS; i++) {
            single[i] = measure(1, 10);
            eight[i] = measure(8, 5);
        }
        report("1 machine", single);
        report("8 machines", eight);
        System.out.printf(
                Locale.ROOT,
                "published: BOINC 102 dispatches a second (e-Science 2005), one server%n");
        System.out.printf(
                Locale.ROOT, "published: Nomad 1500 placements a second (C2M), three servers%n");
        goal("placements-boinc", median(single, CPU) / 102, ">=10", median(single, CPU) >= 1020);
        goal("placements-nomad", median(eight, CPU), ">=1500", median(eight, CPU) >= 1500);
    }

    private static void report(String orders, double[][] rates) {
        System.out.printf(
                Locale.ROOT,
                "orders of %s: %.0f placements a second, %.0f a second of CPU%n",
                orders,
                median(rates, CLOCK),
                median(rates, CPU));
    }

    private static double median(double[][] rates, int which) {
        double[] sorted = Arrays.stream(rates).mapToDouble(rate -> rate[which]).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static void goal(String name, double measured, String target, boolean passed) {
        System.out.printf(
                Locale.ROOT,
                "goal %s %.1f %s %s%n",
                name,
                measured,
                target,
                passed ? "pass" : "fail");
    }

    private void open() {
        AccountId owner =
                market.register(new Registration("owner@example.org", "a long password")).account();
        for (int i = 0; i < SELLERS; i++) {
            sell(owner, new SellerId("%040x".formatted(i)), i);
        }
        for (int i = 0; i < BUYERS; i++) {
            AccountId buyer =
                    market.register(new Registration("b" + i + "@example.org", "a long password"))
                            .account();
            DepositId deposit =
                    new DepositId("dep-" + "%12s".formatted(letters(i)).replace(' ', 'a'));
            database.write(tx -> {
                Transfers.deposit(deposit, buyer, Credits.parse("1000000"), Credits.ZERO)
                        .forEach(transfer -> tx.ledger().post(transfer, Instant.now()));
                return true;
            });
            buyers.add(buyer);
            images.add(image(buyer));
        }
    }

    private static String letters(int number) {
        return "" + (char) ('b' + number / 20) + (char) ('b' + number % 20);
    }

    private ImageId image(AccountId buyer) {
        byte[] chunk = "bytes".getBytes(StandardCharsets.UTF_8);
        byte[] key = new byte[32];
        key[0] = 1;
        market.setImageKey(buyer, Base64.getEncoder().encodeToString(key));
        market.putChunk(buyer, Identity.digest(chunk), chunk);
        String manifest =
                Base64.getEncoder().encodeToString(buyer.value().getBytes(StandardCharsets.UTF_8));
        return market.completeImage(
                        buyer,
                        new ImageUpload(
                                "image", chunk.length, List.of(Identity.digest(chunk)), manifest))
                .id();
    }

    private void sell(AccountId owner, SellerId seller, int number) {
        database.write(tx -> {
            tx.sellers().enrol(seller, owner, Instant.now());
            return true;
        });
        Operations.AgentLink link =
                new Operations.AgentLink() {
                    @Override
                    public void send(CoordinatorMessage message) {
                        if (message instanceof CoordinatorMessage.LeaseOffered) {
                            offers.incrementAndGet();
                        }
                    }

                    @Override
                    public String address() {
                        return "127.0.0.1";
                    }
                };
        Ask ask =
                new Ask(
                        "machine",
                        SLOTS,
                        new MachineSize(2, 1024, 0),
                        new Credits(1000 + number),
                        Acceleration.KVM,
                        "",
                        1000,
                        "1",
                        AskTraits.UNKNOWN);
        market.connected(seller, link);
        market.received(seller, new AgentMessage.Inventory(ask, true, List.of(), List.of()));
    }

    /// Machines placed a second, by the clock and by this process's CPU time, all buyers ordering
    /// at once.
    private double[] measure(int machines, int orders) throws InterruptedException {
        int round = names++;
        int before = offers.get();
        long start = System.nanoTime();
        Duration cpu = cpu();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < buyers.size(); i++) {
            int buyer = i;
            threads.add(Thread.ofVirtual().start(() -> order(buyer, round, machines, orders)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        double cpuSeconds = cpu().minus(cpu).toNanos() / 1e9;
        int placed = offers.get() - before;
        if (placed != machines * orders * buyers.size()) {
            throw new IllegalStateException("expected all machines to be offered, got " + placed);
        }
        return new double[] {placed / seconds, placed / cpuSeconds};
    }

    private static Duration cpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow();
    }

    private void order(int buyer, int round, int machines, int orders) {
        for (int i = 0; i < orders; i++) {
            OrderSpec spec =
                    new OrderSpec(
                            "n%d-%d".formatted(round, i),
                            images.get(buyer),
                            machines,
                            new MachineSize(1, 512, 0),
                            Credits.parse("1"),
                            3600,
                            true,
                            List.of(),
                            Placement.ANY,
                            Query.ANY,
                            Checkpoints.NONE,
                            VolumeUse.NONE,
                            0);
            market.order(
                    new Caller.Person(buyers.get(buyer)),
                    new OrderRequest(spec, Credits.MAX, false),
                    "");
        }
    }
}
