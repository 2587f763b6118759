// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.sparegrid.testsupport.Property;
import org.sparegrid.virtualethernet.path.PathStatus;
import org.sparegrid.virtualethernet.path.PathStatus.Kind;
import org.sparegrid.virtualethernet.simulation.SimulatedNetwork.Weather;

/// What each agent of a large network carries: its state for all the others, and what it says when
/// few talk, when nobody does, and when one talks with all. Here every machine knows all others.
class LargeNetworkSimulationTest {
    private static final long MILLI = SimulatedNetwork.MILLI;
    private static final long SECOND = SimulatedNetwork.SECOND;
    private static final int TALKS = 3;
    private static final int DATAGRAM_BYTES = 1452;
    private static final int SESSIONS = 250;
    private static final Weather WEATHER = new Weather(30 * MILLI, 5 * MILLI, 0, 0);

    /// Of what is said for minutes between so many, so much may be lost once by a pair, as when a
    /// direct path ends, which is left within 7.5 s.
    private static final int LOST_SECONDS_MAX = 8;

    private static final long HEAP_BYTES_MIN = 3L << 30;

    /// When all talk with all: a packet of each to each in so many seconds, so often, and the first
    /// of all of them spread over the time between two.
    private static final int MUTUAL_SECONDS = 10;

    private static final int MUTUAL_PACKETS = 6;

    /// Of what all say to all while they look for their paths.
    private static final double HEARD_MIN = 0.97;

    /// A machine of a large network does nothing here that needs better.
    private static final long TICK_NANOS = 200 * MILLI;

    /// The promises of docs/specification.md, per machine.
    private static final long PEER_BYTES_MAX = 2_000;

    private static final long SESSION_BYTES_MAX = 16_000;
    private static final long JOINING_MAX = 20;
    private static final long IDLE_BYTES_MAX = 250;
    private static final long TALKING_BYTES_MAX = 12_000;
    private static final long PADDED_BYTES_MAX = 40_000;

    /// A pair of machines, of which the first begins.
    private record Talk(SimulatedHost from, SimulatedHost to) {}

    private final StringBuilder report = new StringBuilder();

    @Test
    void carriesLittleForEachOfEightyMachines() {
        Property.holds(1, random -> run(random, 80));
    }

    /// The promise of docs/specification.md.
    @Test
    @EnabledIfSystemProperty(named = "sparegrid.full", matches = "true")
    void carriesLittleForEachOfAThousandMachines() {
        assumeTrue(
                Runtime.getRuntime().maxMemory() >= HEAP_BYTES_MIN,
                "a million peers take 2.5 GB; run with -DargLine=-Xmx4g");
        Property.holds(1, random -> run(random, Integer.getInteger("sparegrid.machines", 1_000)));
    }

    @Test
    void letsAllOfTwentyMachinesTalkWithAll() {
        Property.holds(1, random -> allWithAll(random, 20));
    }

    @Test
    @EnabledIfSystemProperty(named = "sparegrid.full", matches = "true")
    void letsAllOfTwoHundredMachinesTalkWithAll() {
        int machines = Integer.getInteger("sparegrid.mutual", 200);
        assumeTrue(
                Runtime.getRuntime().maxMemory() >= HEAP_BYTES_MIN,
                "40,000 ends of sessions take 2 GB; run with -DargLine=-Xmx4g");
        Property.holds(1, random -> allWithAll(random, machines));
    }

    private void allWithAll(RandomGenerator random, int machines) {
        SimulatedNetwork network = new SimulatedNetwork(random, WEATHER);
        SimulatedRelay relay = new SimulatedRelay(network);
        List<SimulatedHost> hosts = hosts(network, machines);
        long before = heap();
        join(hosts, relay);
        network.runFor(10 * SECOND);
        for (SimulatedHost from : hosts) {
            for (SimulatedHost to : hosts) {
                if (from != to) {
                    network.at(
                            random.nextLong(MUTUAL_SECONDS * SECOND),
                            () -> from.talk(to, 0, MUTUAL_PACKETS, MUTUAL_SECONDS * SECOND));
                }
            }
        }
        note("%d machines, of which each talks with all", machines);
        phase("while they begin, 10 s", network, hosts, MUTUAL_SECONDS);
        phase("the next 10 s", network, hosts, MUTUAL_SECONDS);
        network.runFor(20 * SECOND);
        phase("10 s later on", network, hosts, MUTUAL_SECONDS);
        paths(hosts, relay);
        note("heap of each: %d bytes", (heap() - before) / machines);
        network.runFor(15 * SECOND);
        long heard = 0;
        int least = MUTUAL_PACKETS;
        for (SimulatedHost from : hosts) {
            for (SimulatedHost to : hosts) {
                heard += from == to ? 0 : to.heard(from).size();
                least = from == to ? least : Math.min(least, to.heard(from).size());
            }
        }
        double share = heard / (double) machines / (machines - 1) / MUTUAL_PACKETS;
        note("heard %.4f of all; of the worst pair %d of %d", share, least, MUTUAL_PACKETS);
        System.getLogger(LargeNetworkSimulationTest.class.getName())
                .log(System.Logger.Level.INFO, report::toString);
        assertThat(share).isGreaterThan(HEARD_MIN);
        assertThat(least).isGreaterThanOrEqualTo(MUTUAL_PACKETS / 3);
    }

    private static List<SimulatedHost> hosts(SimulatedNetwork network, int machines) {
        List<SimulatedHost> hosts = new ArrayList<>();
        for (int i = 0; i < machines; i++) {
            hosts.add(NetworkSimulationTest.host(network, i));
        }
        return hosts;
    }

    /// Has each know all others.
    private static void join(List<SimulatedHost> hosts, SimulatedRelay relay) {
        for (SimulatedHost host : hosts) {
            host.tickNanos = TICK_NANOS;
            host.paths.want(DATAGRAM_BYTES);
            host.join(hosts, List.of(relay.spec()));
        }
    }

    private void run(RandomGenerator random, int machines) {
        SimulatedNetwork network = new SimulatedNetwork(random, WEATHER);
        SimulatedRelay relay = new SimulatedRelay(network);
        List<SimulatedHost> hosts = hosts(network, machines);
        long before = heap();
        join(hosts, relay);
        long peerBytes = (heap() - before) / machines / (machines - 1);
        note("%d machines; bytes of heap for each peer of each: %d", machines, peerBytes);
        phase("joining, 10 s", network, hosts, 10);
        long joined = most(hosts);
        Set<Talk> talks = talks(random, hosts);
        talks.forEach(talk -> talk.from().talk(talk.to(), 0, 60, 500 * MILLI));
        phase("%d talks, their first 10 s".formatted(talks.size()), network, hosts, 10);
        TrafficTally talking = phase("the next 20 s", network, hosts, 20);
        paths(hosts, relay);
        network.runFor(60 * SECOND);
        TrafficTally idle = phase("idle, 40 s", network, hosts, 40);
        paths(hosts, relay);
        SimulatedHost hub = hosts.getFirst();
        hosts.stream().skip(1).forEach(host -> hub.talk(host, 1_000, 30, SECOND));
        network.runFor(10 * SECOND);
        TrafficTally busy = phase("the one that talks with all, 20 s", network, List.of(hub), 20);
        network.runFor(SECOND);
        System.getLogger(LargeNetworkSimulationTest.class.getName())
                .log(System.Logger.Level.INFO, report::toString);
        for (Talk talk : talks) {
            assertThat(talk.to().heard(talk.from()))
                    .hasSizeGreaterThanOrEqualTo(60 - LOST_SECONDS_MAX * 2);
        }
        for (SimulatedHost host : hosts.subList(1, machines)) {
            assertThat(host.heard(hub).tailMap(1_000L))
                    .hasSizeGreaterThanOrEqualTo(30 - LOST_SECONDS_MAX);
        }
        assertThat(peerBytes).isLessThan(PEER_BYTES_MAX);
        assertThat(joined / 10).as("datagrams a second of the busiest").isLessThan(JOINING_MAX);
        assertThat(talking.controlBytes() / 20 / machines).isLessThan(TALKING_BYTES_MAX);
        assertThat(idle.controlBytes() / 40 / machines).isLessThan(IDLE_BYTES_MAX);
        assertThat(busy.bytes(TrafficTally.Kind.PADDED) / 20).isLessThan(PADDED_BYTES_MAX);
    }

    @Test
    void keepsFewKilobytesForEachEndOfASession() {
        Property.holds(
                1,
                random -> {
                    SimulatedNetwork network = new SimulatedNetwork(random, WEATHER);
                    SimulatedHost hub = Pair.host(network, "203.0.113.1", null);
                    List<SimulatedHost> others = new ArrayList<>();
                    for (int i = 1; i <= SESSIONS; i++) {
                        others.add(Pair.host(network, "11.0.0." + i, null));
                    }
                    hub.join(others, List.of());
                    others.forEach(other -> other.join(List.of(hub), List.of()));
                    network.runFor(5 * SECOND);
                    // The first half warms up what all share.
                    others.subList(0, SESSIONS / 2)
                            .forEach(other -> hub.talk(other, 0, 200, 100 * MILLI));
                    network.runFor(5 * SECOND);
                    long before = heap();
                    others.subList(SESSIONS / 2, SESSIONS)
                            .forEach(other -> hub.talk(other, 0, 200, 100 * MILLI));
                    network.runFor(5 * SECOND);
                    // Both ends of each.
                    long bytes = (heap() - before) / SESSIONS;
                    others.forEach(other -> assertThat(hub.kind(other)).isEqualTo(Kind.DIRECT));
                    System.getLogger(LargeNetworkSimulationTest.class.getName())
                            .log(
                                    System.Logger.Level.INFO,
                                    "bytes of heap for an end of a session: " + bytes);
                    assertThat(bytes).isLessThan(SESSION_BYTES_MAX);
                });
    }

    private void note(String text, Object... figures) {
        report.append('\n').append(text.formatted(figures));
    }

    /// Lets time pass, and notes what each machine sent per second in it.
    private TrafficTally phase(
            String name, SimulatedNetwork network, List<SimulatedHost> hosts, long seconds) {
        hosts.forEach(host -> host.tally.clear());
        network.runFor(seconds * SECOND);
        TrafficTally all = new TrafficTally();
        hosts.forEach(host -> all.add(host.tally));
        note(
                "%s: %s; the busiest %.1f",
                name, all.table(hosts.size(), seconds), most(hosts) / (double) seconds);
        return all;
    }

    /// The datagrams of control of the machine that has sent the most.
    private static long most(List<SimulatedHost> hosts) {
        return hosts.stream().mapToLong(host -> host.tally.control()).max().orElse(0);
    }

    private void paths(List<SimulatedHost> hosts, SimulatedRelay relay) {
        long direct = 0;
        long relayed = 0;
        for (SimulatedHost host : hosts) {
            for (SimulatedHost peer : hosts) {
                if (peer != host) {
                    PathStatus status = host.status(peer);
                    boolean live = !status.why().startsWith("nothing to send");
                    direct += status.kind() == Kind.DIRECT ? 1 : 0;
                    relayed += status.kind() == Kind.RELAYED && live ? 1 : 0;
                }
            }
        }
        note(
                "paths in use of each: %.1f direct, %.1f through the relay, which knows %d pairs",
                direct / (double) hosts.size(),
                relayed / (double) hosts.size(),
                relay.server.sessions());
    }

    private static Set<Talk> talks(RandomGenerator random, List<SimulatedHost> hosts) {
        Set<Talk> talks = new LinkedHashSet<>();
        for (SimulatedHost from : hosts) {
            for (int i = 0; i < TALKS; i++) {
                SimulatedHost to = hosts.get(random.nextInt(hosts.size()));
                if (from != to) {
                    talks.add(new Talk(from, to));
                }
            }
        }
        return talks;
    }

    private static long heap() {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
