// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.sparegrid.coordinator.history.MarketRecord;
import org.sparegrid.coordinator.history.RecordFolder;
import org.sparegrid.coordinator.identity.Identity;
import org.sparegrid.coordinator.image.ChunkStore;
import org.sparegrid.coordinator.operation.Caller;
import org.sparegrid.coordinator.operation.Operations;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.payment.TestProvider;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.coordinator.store.Leadership;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.Store;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.control.MachineReport;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.AskTraits;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.protocol.market.LeaseState;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.Usage;

/// A process with a market that takes turns with others on one PostgreSQL. While it leads, its
/// sellers offer, and buyers place one order after the other; it says so, line by line, once the
/// market has acknowledged each. The agents keep their machines when nodes change. What its market
/// sees and chooses it keeps in a record of its own, in the folder `record-NAME`.
///
/// Arguments: store, name, folder, image, buyer, sellers, slots of each, machines that stay. If
/// machines stay, each node sells so many and then no more: each order has a network, of which a
/// buyer can have 256.
final class TurnNode {
    private static final long RECORD_BYTES = 1L << 30;
    private static final int BUYERS = 8;
    private static final int AGENT_THREADS = 16;
    private static final Duration PAUSE = Duration.ofMillis(2);

    private final String name;
    private final Path folder;
    private final ImageId image;
    private final AccountId buyer;
    private final int sellers;
    private final int slots;
    private final int staying;
    private final Leadership leadership;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final AtomicLong orders = new AtomicLong();
    private final AtomicInteger places;

    private TurnNode(String[] arguments, Leadership leadership) {
        this.name = arguments[1];
        this.folder = Path.of(arguments[2]);
        this.image = new ImageId(arguments[3]);
        this.buyer = new AccountId(arguments[4]);
        this.sellers = Integer.parseInt(arguments[5]);
        this.slots = Integer.parseInt(arguments[6]);
        this.staying = Integer.parseInt(arguments[7]);
        this.leadership = leadership;
        this.places = new AtomicInteger(staying);
    }

    public static void main(String[] arguments) throws Exception {
        Store.Postgres store =
                (Store.Postgres) Store.parse(arguments[0], Path.of(arguments[2]).resolve("none"));
        try (Leadership leadership = Leadership.open(store, arguments[1] + ":1")) {
            TurnNode node = new TurnNode(arguments, leadership);
            Thread.ofPlatform().daemon().start(node::waitForTheEnd);
            node.takeTurns();
        }
    }

    /// The process that started us closes our input when we may end.
    private void waitForTheEnd() {
        try {
            while (System.in.read() >= 0) {
                // Nothing is said to us.
            }
        } catch (IOException closed) {
            // As good as its end.
        }
        stop.countDown();
    }

    private void takeTurns() throws Exception {
        say("ready");
        while (!stop.await(100, TimeUnit.MILLISECONDS)) {
            if (leadership.take()) {
                try {
                    lead();
                } catch (RuntimeException refused) {
                    if (leadership.isLeading()) {
                        throw refused;
                    }
                }
                say("led");
            }
        }
    }

    private void lead() throws IOException, InterruptedException {
        say("leads");
        InstantSource clock = InstantSource.system();
        try (Database database = Database.open(leadership, 4);
                MarketRecord record = MarketRecord.open(record(folder, name), RECORD_BYTES, clock);
                Market market =
                        Market.open(
                                MarketFixture.SETTINGS,
                                database,
                                Identity.open(folder.resolve("identity"), clock),
                                ChunkStore.open(folder.resolve("images")),
                                clock,
                                TestProvider.at(clock));
                ExecutorService agents = Executors.newFixedThreadPool(AGENT_THREADS);
                ExecutorService connecting = Executors.newFixedThreadPool(AGENT_THREADS);
                ExecutorService buyers = Executors.newFixedThreadPool(BUYERS)) {
            market.tell(record);
            Map<SellerId, List<MachineReport>> kept = kept(database);
            List<Agent> all = new ArrayList<>();
            AtomicInteger offering = new AtomicInteger();
            for (int number = 0; number < sellers; number++) {
                Agent agent = new Agent(market, agents, seller(number), number);
                all.add(agent);
                connecting.execute(() -> {
                    agent.connect(kept.getOrDefault(agent.seller, List.of()));
                    if (offering.incrementAndGet() == sellers) {
                        say("offering");
                    }
                });
            }
            for (int i = 0; i < BUYERS; i++) {
                buyers.execute(() -> buy(market));
            }
            while (leadership.isLeading() && stop.getCount() > 0) {
                stop.await(20, TimeUnit.MILLISECONDS);
            }
            buyers.shutdownNow();
            connecting.shutdownNow();
            agents.shutdownNow();
        }
    }

    /// Where a node keeps its market's record.
    static RecordFolder record(Path folder, String name) {
        return RecordFolder.of(folder.resolve("record-" + name));
    }

    static SellerId seller(int number) {
        return new SellerId("%040x".formatted(number));
    }

    /// The machines that the agents have by now.
    private static Map<SellerId, List<MachineReport>> kept(Database database) {
        Map<SellerId, List<MachineReport>> kept = new ConcurrentHashMap<>();
        for (LeaseTable.Row row : database.read(tx -> tx.leases().live())) {
            if (row.status().state() == LeaseState.RUNNING) {
                kept.computeIfAbsent(row.seller(), _ -> new ArrayList<>())
                        .add(FakeAgent.report(row.id(), LeaseProgress.Phase.ON_NETWORK, 1, 0));
            }
        }
        return kept;
    }

    private void buy(Market market) {
        while (leadership.isLeading() && stop.getCount() > 0) {
            if (staying > 0 && places.decrementAndGet() < 0) {
                places.incrementAndGet();
                LockSupport.parkNanos(PAUSE.toNanos());
                continue;
            }
            String network = name + "-" + ProcessHandle.current().pid() + "-" + orders.get();
            try {
                Order order =
                        market.order(
                                new Caller.Person(buyer),
                                MarketFixture.request(
                                        network + "x" + orders.incrementAndGet(), image, 1, 3600),
                                "");
                say("sold " + order.leases().getFirst().id());
            } catch (RefusedException full) {
                places.incrementAndGet();
                LockSupport.parkNanos(PAUSE.toNanos());
            } catch (RuntimeException unwritten) {
                // Nothing was acknowledged. Whether we still lead is asked next.
                places.incrementAndGet();
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    private static void say(String line) {
        synchronized (TurnNode.class) {
            System.out.println(line);
            System.out.flush();
        }
    }

    /// An agent whose machines start at once, and end at once unless they are to stay.
    private final class Agent implements Operations.AgentLink {
        private final Market market;
        private final ExecutorService threads;
        private final SellerId seller;
        private final Ask ask;

        Agent(Market market, ExecutorService threads, SellerId seller, int number) {
            this.market = market;
            this.threads = threads;
            this.seller = seller;
            this.ask =
                    new Ask(
                            "machine",
                            slots,
                            new MachineSize(2, 1024, 0),
                            new Credits(1 + number),
                            Acceleration.KVM,
                            "",
                            1000,
                            "1",
                            AskTraits.UNKNOWN);
        }

        @Override
        public String address() {
            return "192.0.2.1";
        }

        void connect(List<MachineReport> machines) {
            try {
                market.connected(seller, this);
                market.received(seller, new AgentMessage.Inventory(ask, true, machines, List.of()));
            } catch (RuntimeException unwritten) {
                // This node no longer leads.
            }
            if (staying == 0) {
                machines.forEach(machine -> end(machine.lease(), EndReason.POWERED_OFF));
            }
        }

        @Override
        public void send(CoordinatorMessage message) {
            try {
                threads.execute(() -> answer(message));
            } catch (java.util.concurrent.RejectedExecutionException ending) {
                // The agent is off with its node.
            }
        }

        private void answer(CoordinatorMessage message) {
            try {
                switch (message) {
                    case CoordinatorMessage.LeaseOffered offered -> run(offered.lease());
                    case CoordinatorMessage.StopLease stopped ->
                            end(stopped.lease(), EndReason.BUYER);
                    default -> {}
                }
            } catch (RuntimeException unwritten) {
                // This node no longer leads; the machine is told of to the next.
            }
        }

        private void run(LeaseId lease) {
            say(new AgentMessage.LeaseAccepted(lease, FakeAgent.key(1), List.of("192.0.2.1:45")));
            progress(lease, LeaseProgress.Phase.BOOTING);
            progress(lease, LeaseProgress.Phase.ON_NETWORK);
            if (staying == 0) {
                end(lease, EndReason.POWERED_OFF);
            } else if (market.lease(buyer, lease).state() == LeaseState.RUNNING) {
                TurnNode.say("running " + lease);
            } else {
                // It took too long, and the offer was taken back.
                places.incrementAndGet();
            }
        }

        private void progress(LeaseId lease, LeaseProgress.Phase phase) {
            say(new AgentMessage.Progress(lease, new LeaseProgress(phase, 0, 0)));
        }

        private void end(LeaseId lease, EndReason reason) {
            say(new AgentMessage.Ended(lease, reason, "", Usage.NONE));
        }

        private void say(AgentMessage message) {
            market.received(seller, message);
        }
    }
}
