// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.sparegrid.testsupport.Property;
import org.sparegrid.virtualethernet.crypto.PacketCiphers;
import org.sparegrid.virtualethernet.meter.DropReason;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.PresharedKey;
import org.sparegrid.virtualethernet.network.PrivateKey;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.path.DirectPath;
import org.sparegrid.virtualethernet.wire.HandshakeInitiation;
import org.sparegrid.virtualethernet.wire.TransportData;
import org.sparegrid.virtualethernet.wire.WireFormatException;
import org.sparegrid.virtualethernet.wire.WireGuardMessage;

/// Several identities in one thread, joined by a network with delay, loss and reordering.
class OverlaySimulationTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long TICK = SECOND / 20;

    /// Begins each packet that is no fast frame.
    private static final byte MARK = 0x45;

    /// What happens at a time; `order` decides between events of the same time.
    private record Event(long atNanos, long order, Runnable action) {}

    private static final class World {
        final RandomGenerator random;
        final double loss;
        final List<Host> hosts = new ArrayList<>();
        final PriorityQueue<Event> events =
                new PriorityQueue<>(
                        Comparator.comparingLong(Event::atNanos).thenComparingLong(Event::order));
        long now;
        long order;
        boolean cut;

        World(RandomGenerator random, double loss, int count) {
            this.random = random;
            this.loss = loss;
            for (int i = 0; i < count; i++) {
                hosts.add(new Host(this, i));
            }
            for (Host host : hosts) {
                host.identity.setPeers(
                        hosts.stream()
                                .filter(h -> h.number != host.number)
                                .map(Host::spec)
                                .toList(),
                        0);
                at(TICK, host::tick);
            }
        }

        void at(long delay, Runnable action) {
            events.add(new Event(now + delay, order++, action));
        }

        void runUntil(long end) {
            while (!events.isEmpty() && events.peek().atNanos() <= end) {
                Event next = events.remove();
                now = next.atNanos();
                next.action().run();
            }
            now = end;
        }

        void carry(byte[] datagram, InetSocketAddress from, InetSocketAddress to) {
            if (cut || random.nextDouble() < loss) {
                return;
            }
            long delay = SECOND / 100 + random.nextLong(SECOND / 25);
            at(delay, () -> arrive(datagram, from, to));
            if (random.nextInt(50) == 0) {
                at(delay + SECOND / 10, () -> arrive(datagram.clone(), from, to));
            }
        }

        private void arrive(byte[] datagram, InetSocketAddress from, InetSocketAddress to) {
            for (Host host : hosts) {
                if (host.address.equals(to)) {
                    host.receive(datagram, from);
                }
            }
        }
    }

    /// A frame of 90 bytes that names its sender and receiver.
    private record Letter(long serial, int from, int to) implements FrameSource {
        @Override
        public int count() {
            return 1;
        }

        @Override
        public int longestPacket() {
            return 91;
        }

        @Override
        public int writePacket(int index, byte[] out, int at) {
            out[at] = MARK;
            return 1 + writeFastFrame(index, out, at + 1);
        }

        @Override
        public int writeFastFrame(int index, byte[] out, int at) {
            ByteBuffer.wrap(out, at, 90).putLong(serial).putInt(from).putInt(to);
            return 90;
        }
    }

    private static final class Host implements Outlet {
        final World world;
        final int number;
        final KeyPair keys;
        final WireGuardIdentity identity;
        final Set<Long> delivered = new HashSet<>();
        final boolean accepts;
        InetSocketAddress address;
        int duplicates;
        int fast;
        int spoilt;
        int drops;

        Host(World world, int number) {
            this.world = world;
            this.number = number;
            accepts = world.random.nextBoolean();
            byte[] secret = new byte[32];
            world.random.nextBytes(secret);
            keys = KeyPair.of(PrivateKey.of(secret));
            address = new InetSocketAddress(InetAddress.ofLiteral("192.0.2." + (number + 1)), 7000);
            identity =
                    new WireGuardIdentity(
                            keys,
                            new WireGuardIdentity.Shared(
                                    new IndexTable(world.random),
                                    new LoadMeter(200),
                                    new TimestampSource(Instant.EPOCH),
                                    Timers.STANDARD,
                                    world.random,
                                    PacketCiphers.best(),
                                    accepts),
                            this,
                            _ -> new DirectPath());
        }

        PeerSpec spec() {
            InetSocketAddress wrong =
                    new InetSocketAddress(InetAddress.ofLiteral("203.0.113.9"), 7000);
            return new PeerSpec(
                    keys.publicKey(), PresharedKey.NONE, Duration.ZERO, List.of(wrong, address));
        }

        void tick() {
            identity.tick(world.now);
            world.at(TICK, this::tick);
        }

        void send(Host to, long serial) {
            identity.send(to.keys.publicKey(), new Letter(serial, number, to.number), world.now);
        }

        void receive(byte[] datagram, InetSocketAddress from) {
            try {
                if (TransportData.isData(datagram, 0, datagram.length)) {
                    identity.receiveData(datagram, 0, datagram.length, from, world.now);
                    return;
                }
                WireGuardMessage message = WireGuardMessage.parse(datagram);
                if (!(message instanceof HandshakeInitiation initiation)
                        || identity.isAddressedBy(initiation)) {
                    identity.receive(message, from, world.now);
                }
            } catch (WireFormatException impossible) {
                spoilt++;
            }
        }

        @Override
        public void transmit(byte[] datagram, InetSocketAddress to) {
            world.carry(datagram, address, to);
        }

        @Override
        public DatagramRoom room() {
            return new SingleRoom(this::transmit);
        }

        @Override
        public void deliver(PublicKey peer, byte[] bytes, int offset, int length) {
            if (bytes[offset] != MARK) {
                spoilt++;
            }
            take(peer, ByteBuffer.wrap(bytes, offset + 1, length - 1));
        }

        @Override
        public void deliverFast(PublicKey peer, byte[] bytes, int offset, int length) {
            fast++;
            if (length != 90) {
                spoilt++;
            }
            take(peer, ByteBuffer.wrap(bytes, offset, length));
        }

        private void take(PublicKey peer, ByteBuffer in) {
            long serial = in.getLong();
            Host sender = world.hosts.get(in.getInt());
            if (!sender.keys.publicKey().equals(peer) || in.getInt() != number) {
                spoilt++;
            }
            if (!delivered.add(serial)) {
                duplicates++;
            }
        }

        @Override
        public void dropped(DropReason reason) {
            drops++;
        }
    }

    /// Every host sends to every other, five times a second.
    private static long chatter(World world, long untilNanos, long firstSerial) {
        long serial = firstSerial;
        while (world.now < untilNanos) {
            for (Host from : world.hosts) {
                for (Host to : world.hosts) {
                    if (!from.equals(to)) {
                        from.send(to, serial++);
                    }
                }
            }
            world.runUntil(world.now + SECOND / 5);
        }
        return serial;
    }

    private static long delivered(World world) {
        return world.hosts.stream().mapToLong(host -> host.delivered.size()).sum();
    }

    private static void assertClean(World world) {
        for (Host host : world.hosts) {
            assertThat(host.duplicates).isZero();
            assertThat(host.spoilt).isZero();
        }
    }

    @Test
    void deliversAtMostOnceAndLosesOnlyPacketsInFlightWhenBothSidesBegin() {
        Property.holds(
                3,
                random -> {
                    World world = new World(random, 0, 3);
                    long sent = chatter(world, 400 * SECOND, 0);
                    world.runUntil(world.now + SECOND);
                    // WireGuard drops the older session at once when two initiations cross, and
                    // with it what is in flight; renewals lose nothing.
                    assertThat(delivered(world)).isBetween(sent - 30, sent);
                    assertClean(world);
                    PeerState state =
                            world.hosts
                                    .get(0)
                                    .identity
                                    .state(world.hosts.get(1).keys.publicKey())
                                    .orElseThrow();
                    assertThat(state.handshakes()).isBetween(4L, 10L);
                });
    }

    @Test
    void sendsFastFramesBetweenThoseThatBothAcceptThemAndOnlyThere() {
        Property.holds(
                10,
                random -> {
                    World world = new World(random, 0.05, 3);
                    chatter(world, 20 * SECOND, 0);
                    world.runUntil(world.now + SECOND);
                    for (Host host : world.hosts) {
                        boolean partner =
                                world.hosts.stream()
                                        .anyMatch(h -> h.number != host.number && h.accepts);
                        if (host.accepts && partner) {
                            assertThat(host.fast).isGreaterThan(50);
                        } else {
                            assertThat(host.fast).isZero();
                        }
                    }
                    assertClean(world);
                });
    }

    @Test
    void losesLittleMoreThanTheNetworkDoes() {
        Property.holds(
                3,
                random -> {
                    World world = new World(random, 0.1, 4);
                    long sent = chatter(world, 300 * SECOND, 0);
                    world.runUntil(world.now + 2 * SECOND);
                    assertThat(delivered(world)).isBetween(sent * 86 / 100, sent * 93 / 100);
                    assertClean(world);
                });
    }

    @Test
    void followsAHostToItsNewAddress() {
        Property.holds(
                3,
                random -> {
                    World world = new World(random, 0.02, 3);
                    long sent = chatter(world, 20 * SECOND, 0);
                    Host roamer = world.hosts.get(0);
                    roamer.address =
                            new InetSocketAddress(InetAddress.ofLiteral("198.51.100.7"), 9);
                    long before = delivered(world);
                    long afterwards = chatter(world, 40 * SECOND, sent) - sent;
                    world.runUntil(world.now + SECOND);
                    assertThat(delivered(world) - before).isGreaterThan(afterwards * 94 / 100);
                    assertThat(
                                    world.hosts
                                            .get(1)
                                            .identity
                                            .state(roamer.keys.publicKey())
                                            .orElseThrow()
                                            .endpoint())
                            .contains(roamer.address);
                    assertClean(world);
                });
    }

    @Test
    void talksAgainAfterALongCut() {
        Property.holds(
                3,
                random -> {
                    World world = new World(random, 0.02, 3);
                    chatter(world, 10 * SECOND, 0);
                    world.cut = true;
                    long serial = chatter(world, 400 * SECOND, 1_000_000);
                    assertThat(world.hosts.get(0).drops).isPositive();
                    world.cut = false;
                    chatter(world, 410 * SECOND, serial);
                    long before = delivered(world);
                    long sent = chatter(world, 420 * SECOND, 2_000_000) - 2_000_000;
                    world.runUntil(world.now + SECOND);
                    assertThat(delivered(world) - before).isGreaterThan(sent * 94 / 100);
                    assertClean(world);
                });
    }

    @Test
    void sendsNothingMoreOnceNobodyHasAnythingToSay() {
        Property.holds(
                1,
                random -> {
                    World world = new World(random, 0, 2);
                    chatter(world, 5 * SECOND, 0);
                    world.runUntil(60 * SECOND);
                    PublicKey other = world.hosts.get(1).keys.publicKey();
                    long before =
                            world.hosts.get(0).identity.state(other).orElseThrow().sentBytes();
                    world.runUntil(1000 * SECOND);
                    long after = world.hosts.get(0).identity.state(other).orElseThrow().sentBytes();
                    assertThat(after).isEqualTo(before);
                });
    }
}
