// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.sparegrid.testsupport.Property;
import org.sparegrid.virtualethernet.path.PathStatus.Kind;
import org.sparegrid.virtualethernet.simulation.SimulatedNetwork.Weather;

/// Whole networks of machines behind all kinds of translators, of which each talks to some.
class NetworkSimulationTest {
    private static final long MILLI = SimulatedNetwork.MILLI;
    private static final long SECOND = SimulatedNetwork.SECOND;
    private static final int TALKS = 3;
    private static final int OTHERS = 50;

    private record Talk(SimulatedHost from, SimulatedHost to) {}

    @Test
    void eachOfSixtyMachinesFindsTheBestWayToThoseItTalksTo() {
        report(1, 60);
    }

    /// The promise of docs/specification.md: in under two minutes together with a thousand pairs.
    @Test
    @EnabledIfSystemProperty(named = "sparegrid.full", matches = "true")
    void eachOfFiveHundredMachinesFindsTheBestWayInTwentyWorlds() {
        report(20, 500);
    }

    private static void report(int tries, int machines) {
        Distribution distribution = new Distribution();
        AtomicLong sent = new AtomicLong();
        IntStream.range(0, tries)
                .parallel()
                .forEach(_ ->
                        Property.holds(
                                1,
                                random -> sent.addAndGet(network(random, machines, distribution))));
        System.getLogger(NetworkSimulationTest.class.getName())
                .log(
                        System.Logger.Level.INFO,
                        () ->
                                tries
                                        + " networks of "
                                        + machines
                                        + ": "
                                        + distribution
                                        + "; datagrams per machine and second "
                                        + sent.get() / tries / machines / 8);
    }

    /// Runs one network for eight seconds; returns the datagrams that its machines sent.
    private static long network(RandomGenerator random, int machines, Distribution distribution) {
        SimulatedNetwork network =
                new SimulatedNetwork(random, new Weather(30 * MILLI, 5 * MILLI, 0, 0));
        SimulatedRelay relay = new SimulatedRelay(network);
        List<SimulatedHost> hosts = new ArrayList<>();
        for (int i = 0; i < machines; i++) {
            hosts.add(host(network, i));
        }
        Set<Talk> talks = talks(random, hosts);
        join(random, hosts, talks, relay);
        network.runFor(2 * SECOND);
        long began = network.now();
        talks.forEach(talk -> talk.from().talk(talk.to(), 0, 10, 500 * MILLI));
        network.runFor(6 * SECOND);
        for (Talk talk : talks) {
            check(talk, began, distribution);
        }
        return network.carried();
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

    /// Gives each machine those that it talks to and some others: what it does with the many to
    /// which it never talks is nothing, and takes the simulation most of its time.
    private static void join(
            RandomGenerator random,
            List<SimulatedHost> hosts,
            Set<Talk> talks,
            SimulatedRelay relay) {
        Map<SimulatedHost, Set<SimulatedHost>> known = new HashMap<>();
        for (SimulatedHost host : hosts) {
            Set<SimulatedHost> others = new LinkedHashSet<>();
            for (int i = 0; i < OTHERS; i++) {
                others.add(hosts.get(random.nextInt(hosts.size())));
            }
            known.put(host, others);
        }
        for (Talk talk : talks) {
            known.get(talk.from()).add(talk.to());
            known.get(talk.to()).add(talk.from());
        }
        hosts.forEach(host -> host.join(List.copyOf(known.get(host)), List.of(relay.spec())));
    }

    private static void check(Talk talk, long began, Distribution distribution) {
        NatModel first = model(talk.from());
        NatModel second = model(talk.to());
        Kind kind = talk.from().kind(talk.to());
        assertThat(NatModel.outcomes(first, second)).as("%s and %s", first, second).contains(kind);
        assertThat(talk.to().heard(talk.from())).hasSizeGreaterThanOrEqualTo(10);
        Long at = talk.to().directNanos.get(talk.from().keys.publicKey());
        distribution.add(kind == Kind.DIRECT && at != null ? at - began : -1);
    }

    private static @Nullable NatModel model(SimulatedHost host) {
        return host.nat == null ? null : host.nat.model();
    }

    static SimulatedHost host(SimulatedNetwork network, int number) {
        InetAddress address =
                InetAddress.ofLiteral("11.0." + number / 250 + "." + (1 + number % 250));
        SimulatedNat nat = null;
        if (network.random.nextInt(6) > 0) {
            nat = new SimulatedNat(NatModel.draw(network.random), address, network.random);
            network.add(nat);
            address = InetAddress.ofLiteral("192.168.1." + (2 + network.random.nextInt(5)));
        }
        SimulatedHost host =
                new SimulatedHost(network, nat, new InetSocketAddress(address, 41_777));
        host.announce(List.of(host.address()));
        return host;
    }
}
