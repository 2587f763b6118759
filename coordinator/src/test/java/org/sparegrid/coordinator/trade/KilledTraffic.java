// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.sparegrid.coordinator.store.Store;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.MachineReport;
import org.sparegrid.protocol.market.AskTraits;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderState;
import org.sparegrid.protocol.market.PeerTraffic;
import org.sparegrid.protocol.market.TrafficReport;

/// The coordinator that KilledTrafficTest kills: takes what the members of a network counted, all
/// at once, ends the machines when all is said, and prints each step whose effect is durable.
final class KilledTraffic {
    /// For ports of which the first and the last machine's are open; all traffic is direct.
    static final OpenPortBonus BONUS = new OpenPortBonus(Credits.parse("0.01"), 5000);

    private final MarketFixture fixture;
    private final TrafficHistory history;
    private final AccountId buyer;
    private final OrderId order;
    private final List<MemberId> members;
    private final List<LeaseId> leases;
    private final List<FakeAgent> agents = new ArrayList<>();
    private long passedMillis;

    private KilledTraffic(String[] arguments, int[] from) throws Exception {
        passedMillis = Arrays.stream(from).max().orElseThrow() * TrafficHistory.STEP_MILLIS;
        fixture = open(Path.of(arguments[0]), Duration.ofMillis(passedMillis));
        history = new TrafficHistory(Long.parseLong(arguments[1]), Integer.parseInt(arguments[2]));
        buyer = new AccountId(arguments[3]);
        order = new OrderId(arguments[4]);
        members = Arrays.stream(arguments, 5, 9).map(MemberId::new).toList();
        leases = order().leases().stream().map(Lease::id).toList();
    }

    static MarketFixture open(Path folder, Duration since) throws IOException {
        return new MarketFixture(
                folder,
                new Store.Sqlite(folder.resolve("market.db")),
                since,
                MarketFixture.with(BONUS));
    }

    /// @param arguments the market's folder, the seed, the steps of each member, the buyer, the
    ///   order, the four members, and where each begins
    public static void main(String[] arguments) throws Exception {
        int[] from = Arrays.stream(arguments, 9, 13).mapToInt(Integer::parseInt).toArray();
        KilledTraffic coordinator = new KilledTraffic(arguments, from);
        coordinator.live(from);
        // As after a kill, nothing is closed: its record then says that it was.
        Runtime.getRuntime().halt(0);
    }

    private Order order() {
        return fixture.market().order(buyer, order, -1, Duration.ZERO);
    }

    private void live(int[] from) throws InterruptedException {
        if (order().state() == OrderState.CLOSED) {
            return;
        }
        order().leases().forEach(lease -> agents.add(connect(lease)));
        List<Thread> threads =
                IntStream.range(0, TrafficHistory.MEMBERS)
                        .mapToObj(member ->
                                Thread.ofPlatform().start(() -> speak(member, from[member])))
                        .toList();
        for (Thread thread : threads) {
            thread.join();
        }
        pass((history.count() + 1) * TrafficHistory.STEP_MILLIS);
        for (int i = 0; i < TrafficHistory.MACHINES; i++) {
            agents.get(i).end(fixture.market(), leases.get(i), EndReason.POWERED_OFF, passedMillis);
            say("ended " + i);
        }
    }

    private FakeAgent connect(Lease lease) {
        FakeAgent agent = new FakeAgent(lease.seller(), "0.36", 1, AskTraits.UNKNOWN);
        MachineReport machine =
                FakeAgent.report(lease.id(), LeaseProgress.Phase.ON_NETWORK, 1 + agents.size(), 0);
        return lease.state().isLive()
                ? agent.connect(fixture.market(), machine)
                : agent.connect(fixture.market());
    }

    private void speak(int member, int from) {
        for (int i = from; i < history.count(); i++) {
            TrafficHistory.Step step = history.step(member, i);
            List<PeerTraffic> peers = new ArrayList<>();
            for (int peer = 0; peer < TrafficHistory.MEMBERS; peer++) {
                if (peer != member) {
                    peers.add(
                            new PeerTraffic(
                                    members.get(peer),
                                    step.sent()[peer],
                                    step.received()[peer],
                                    step.sent()[peer],
                                    step.received()[peer]));
                }
            }
            TrafficReport report = new TrafficReport(step.since(), peers);
            long millis = (i + 1) * TrafficHistory.STEP_MILLIS;
            pass(millis);
            if (member == TrafficHistory.MACHINES) {
                fixture.market()
                        .deals()
                        .countTraffic(buyer, order().network(), members.get(member), report);
            } else {
                FakeAgent agent = agents.get(member);
                LeaseId lease = leases.get(member);
                agent.say(fixture.market(), new AgentMessage.TrafficCounted(lease, report));
                agent.meter(fixture.market(), lease, millis);
            }
            say("done " + member + " " + i);
        }
    }

    private synchronized void pass(long untilMillis) {
        fixture.pass(Math.max(0, untilMillis - passedMillis));
        passedMillis = Math.max(passedMillis, untilMillis);
        // Nobody is taken for lost while another runs ahead.
        agents.forEach(agent -> agent.say(fixture.market(), new AgentMessage.Heartbeat()));
    }

    private static synchronized void say(String line) {
        System.out.print(line + "\n");
        System.out.flush();
    }
}
