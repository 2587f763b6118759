// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.sparegrid.virtualethernet.simulation.SimulatedNetwork.MILLI;
import static org.sparegrid.virtualethernet.simulation.SimulatedNetwork.SECOND;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sparegrid.testsupport.Property;
import org.sparegrid.virtualethernet.path.PathStatus.Kind;
import org.sparegrid.virtualethernet.probe.ProbeSeal;
import org.sparegrid.virtualethernet.simulation.SimulatedNetwork.Weather;

/// What a relay, someone on the wire and a lying member can do with what they see and say.
class AttackSimulationTest {
    private static final InetSocketAddress VICTIM =
            new InetSocketAddress(InetAddress.ofLiteral("203.0.113.99"), 53);

    /// A number that occurs in no header.
    private static final long MARK = 0x5370_6172_6567_7269L;

    /// Two machines and a relay, and all that passes over the wires.
    private static final class World {
        final SimulatedNetwork network;
        final SimulatedRelay relay;
        final List<byte[]> wire = new ArrayList<>();
        final List<byte[]> atVictim = new ArrayList<>();
        final SimulatedHost one;
        final SimulatedHost other;

        World(java.util.random.RandomGenerator random, List<InetSocketAddress> lies) {
            network = new SimulatedNetwork(random, Weather.FAIR);
            network.spy(wire::add);
            relay = new SimulatedRelay(network);
            one = host("203.0.113.1", NatModel.SYMMETRIC);
            other = host("203.0.113.2", NatModel.SYMMETRIC);
            if (!lies.isEmpty()) {
                other.announce(lies);
            }
            network.listen(null, VICTIM, (datagram, _) -> atVictim.add(datagram));
            one.join(List.of(one, other), List.of(relay.spec()));
            other.join(List.of(one, other), List.of(relay.spec()));
            network.runFor(SECOND);
        }

        private SimulatedHost host(String outside, NatModel model) {
            InetAddress outer = InetAddress.ofLiteral(outside);
            SimulatedNat nat = new SimulatedNat(model, outer, network.random);
            network.add(nat);
            InetSocketAddress inner =
                    new InetSocketAddress(InetAddress.ofLiteral("192.168.1.2"), 41_777);
            SimulatedHost host = new SimulatedHost(network, nat, inner);
            host.announce(List.of(inner));
            return host;
        }
    }

    @Test
    void neitherRelayNorWireSeesWhatIsSaid() {
        Property.holds(
                3,
                random -> {
                    World world = new World(random, List.of());
                    for (int i = 0; i < 50; i++) {
                        world.one.say(world.other, MARK);
                    }
                    world.network.runFor(2 * SECOND);
                    assertThat(world.one.kind(world.other)).isEqualTo(Kind.RELAYED);
                    assertThat(world.other.heard(world.one)).containsKey(MARK);
                    assertThat(world.wire).hasSizeGreaterThan(100).noneMatch(each -> has(each));
                });
    }

    private static boolean has(byte[] datagram) {
        for (int at = 0; at + Long.BYTES <= datagram.length; at++) {
            if (ByteBuffer.wrap(datagram).getLong(at) == MARK) {
                return true;
            }
        }
        return false;
    }

    @Test
    void aMemberWhoNamesAStrangersAddressAimsAFewProbesAndNoData() {
        Property.holds(
                3,
                random -> {
                    World world = new World(random, List.of(VICTIM));
                    world.one.talk(world.other, 0, 1_000, 20 * MILLI);
                    world.network.runFor(22 * SECOND);
                    assertThat(world.other.heard(world.one)).hasSize(1_000);
                    assertThat(world.atVictim)
                            .as("three rounds of two openers, which end before, and five pings")
                            .hasSizeBetween(1, 30)
                            .allMatch(ProbeSeal::isProbe)
                            .allMatch(each -> each.length == 83);
                });
    }

    @Test
    void whoSendsProbesOfOthersAgainFromAnotherAddressGetsNoData() {
        Property.holds(
                3,
                random -> {
                    World world = new World(random, List.of());
                    world.one.talk(world.other, 0, 1_500, 20 * MILLI);
                    world.network.runFor(5 * SECOND);
                    List<byte[]> probes =
                            world.wire.stream().filter(ProbeSeal::isProbe).distinct().toList();
                    assertThat(probes).isNotEmpty();
                    for (int i = 0; i < 200; i++) {
                        byte[] again = probes.get(i % probes.size()).clone();
                        world.network.at(
                                i * 50 * MILLI,
                                () -> {
                                    world.one.receiveAs(again.clone(), VICTIM);
                                    world.other.receiveAs(again.clone(), VICTIM);
                                });
                    }
                    world.network.runFor(15 * SECOND);
                    assertThat(world.one.kind(world.other)).isEqualTo(Kind.RELAYED);
                    assertThat(world.other.heard(world.one)).hasSizeGreaterThan(980);
                    assertThat(world.atVictim).allMatch(ProbeSeal::isProbe);
                    int bytes = world.atVictim.stream().mapToInt(each -> each.length).sum();
                    assertThat(bytes).as("twice of what came, at most").isLessThan(400 * 2 * 83);
                });
    }
}
