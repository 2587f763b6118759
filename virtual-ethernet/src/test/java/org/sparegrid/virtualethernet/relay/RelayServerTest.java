// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.network.RelaySpec;
import org.sparegrid.virtualethernet.wire.WireFormatException;

class RelayServerTest {
    private static final long SECOND = 1_000_000_000L;
    private static final InetSocketAddress RELAY = at("198.51.100.1", 7443);

    private record Sent(byte[] datagram, InetSocketAddress to, boolean whole) {}

    private final Random random = new Random(7);
    private final KeyPair relayKeys = KeyPair.generate();
    private final Map<PublicKey, String> networks = new HashMap<>();
    private final List<Sent> sent = new ArrayList<>();
    private RelayServer server = server(RelayLimits.ofBandwidth(1_000_000));
    private long now = SECOND;

    private static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }

    private RelayServer server(RelayLimits limits) {
        return new RelayServer(
                relayKeys,
                key -> Optional.ofNullable(networks.get(key)),
                limits,
                random,
                new RelayServer.Outlet() {
                    @Override
                    public void send(byte[] datagram, InetSocketAddress to) {
                        sent.add(new Sent(datagram, to, false));
                    }

                    @Override
                    public void sendWhole(byte[] datagram, InetSocketAddress to) {
                        sent.add(new Sent(datagram, to, true));
                    }
                });
    }

    /// A machine with its client.
    private final class Machine {
        final KeyPair keys = KeyPair.generate();
        final RelayClient client;
        InetSocketAddress address;

        Machine(String network, InetSocketAddress address) {
            this.address = address;
            if (!network.isEmpty()) {
                networks.put(keys.publicKey(), network);
            }
            client =
                    RelayClient.of(new RelaySpec(RELAY, relayKeys.publicKey()), 0, keys, random)
                            .orElseThrow();
        }

        /// Asks until the client has nothing more to say.
        void talk() throws WireFormatException {
            Optional<byte[]> next = client.tick(now);
            while (next.isPresent()) {
                server.receive(next.get(), address, now);
                Sent answer = sent.removeLast();
                assertThat(answer.to()).isEqualTo(address);
                assertThat(answer.datagram().length)
                        .as("no answer is longer than its question")
                        .isLessThanOrEqualTo(next.get().length);
                next = client.receive(RelayMessage.parse(answer.datagram()), now);
            }
        }

        Optional<RelayAddress> wayTo(Machine peer) {
            return wayTo(peer, RelayClient.Asking.SOON);
        }

        Optional<RelayAddress> wayTo(Machine peer, RelayClient.Asking asking) {
            return client.wayTo(peer.keys.publicKey(), asking, now).map(RelayAddress::of);
        }

        void send(int session, String text) {
            send(session, false, text);
        }

        void send(int session, boolean whole, String text) {
            byte[] packet = text.getBytes(StandardCharsets.UTF_8);
            server.receive(new RelayMessage.Packet(session, whole, packet).toBytes(), address, now);
        }
    }

    private RelayAddress meet(Machine one, Machine other) throws WireFormatException {
        other.talk();
        one.wayTo(other);
        one.talk();
        return one.wayTo(other).orElseThrow();
    }

    @Test
    void forwardsBetweenMembersOfOneNetworkAndCounts() throws WireFormatException {
        Machine one = new Machine("blue", at("203.0.113.1", 1111));
        Machine other = new Machine("blue", at("203.0.113.2", 2222));
        RelayAddress way = meet(one, other);
        assertThat(one.client.seen()).contains(one.address);
        one.send(way.session(), "there");
        other.send(way.session(), "back");
        assertThat(sent).extracting(Sent::to).containsExactly(other.address, one.address);
        assertThat(((RelayMessage.Packet) RelayMessage.parse(sent.get(0).datagram())).packet())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("there");
        assertThat(server.counters().forwardedPackets()).isEqualTo(2);
        assertThat(server.counters().forwardedBytes()).isEqualTo(9);
    }

    @Test
    void letsNobodyDivideAPacketThatIsMarkedAndKeepsTheMarkToItself() throws WireFormatException {
        server = server(new RelayLimits(10, 10, 200_000, 100_000));
        Machine one = new Machine("blue", at("203.0.113.1", 1111));
        Machine other = new Machine("blue", at("203.0.113.2", 2222));
        RelayAddress way = meet(one, other);
        for (int i = 0; i < 60; i++) { // More than may go at once: some of it waits.
            one.send(way.session(), i % 2 == 1, "x".repeat(1_400 + i));
        }
        now += SECOND;
        server.tick(now);
        assertThat(sent).hasSize(60);
        for (Sent each : sent) {
            assertThat(each.datagram()[1]).isZero();
            assertThat(each.whole()).isEqualTo(each.datagram().length % 2 == 1);
        }
    }

    @Test
    void servesNobodyWhoIsNoMember() throws WireFormatException {
        Machine stranger = new Machine("", at("203.0.113.1", 1111));
        stranger.talk();
        assertThat(stranger.client.isBound(now)).isFalse();
    }

    @Test
    void joinsNoMachinesOfDifferentNetworks() throws WireFormatException {
        Machine one = new Machine("blue", at("203.0.113.1", 1111));
        Machine other = new Machine("green", at("203.0.113.2", 2222));
        other.talk();
        one.wayTo(other);
        one.talk();
        assertThat(one.client.isBound(now)).isTrue();
        assertThat(one.wayTo(other)).isEmpty();
    }

    @Test
    void takesPacketsOnlyFromTheAddressesOfTheSession() throws WireFormatException {
        Machine one = new Machine("blue", at("203.0.113.1", 1111));
        Machine other = new Machine("blue", at("203.0.113.2", 2222));
        Machine third = new Machine("blue", at("203.0.113.3", 3333));
        RelayAddress way = meet(one, other);
        third.talk();
        third.send(way.session(), "not mine");
        third.send(way.session() ^ 1, "nobody's");
        assertThat(sent).isEmpty();
        assertThat(server.counters().refusedDatagrams()).isEqualTo(2);
    }

    @Test
    void losesNothingThatWasUnderWayWhenAMachineMoved() throws WireFormatException {
        Machine one = new Machine("blue", at("203.0.113.1", 1111));
        Machine other = new Machine("blue", at("203.0.113.2", 2222));
        RelayAddress way = meet(one, other);
        InetSocketAddress old = one.address;
        one.address = at("203.0.113.7", 7777);
        now += RelayClient.REFRESH_NANOS;
        one.talk();
        one.address = old;
        one.send(way.session(), "sent before the answer came");
        assertThat(sent).extracting(Sent::to).containsExactly(other.address);
        other.send(way.session(), "to the new address");
        assertThat(sent.getLast().to()).isEqualTo(at("203.0.113.7", 7777));
        now += RelayServer.MOVE_NANOS;
        one.send(way.session(), "too late");
        assertThat(sent).hasSize(2);
    }

    @Test
    void takesABindOnlyFromTheAddressThatItChallenged() throws WireFormatException {
        Machine one = new Machine("blue", at("203.0.113.1", 1111));
        byte[] first = one.client.tick(now).orElseThrow();
        server.receive(first, one.address, now);
        byte[] second =
                one.client
                        .receive(RelayMessage.parse(sent.removeLast().datagram()), now)
                        .orElseThrow();
        server.receive(second, at("203.0.113.9", 9999), now);
        assertThat(RelayMessage.parse(sent.removeLast().datagram()))
                .isInstanceOf(RelayMessage.Challenge.class);
    }

    @Test
    void forgetsAMachineThatIsNoLongerAMember() throws WireFormatException {
        Machine one = new Machine("blue", at("203.0.113.1", 1111));
        Machine other = new Machine("blue", at("203.0.113.2", 2222));
        RelayAddress way = meet(one, other);
        networks.remove(other.keys.publicKey());
        now += 21 * SECOND;
        other.talk();
        one.send(way.session(), "gone");
        assertThat(sent).isEmpty();
    }

    @Test
    void forgetsAMachineThatIsSilent() throws WireFormatException {
        Machine one = new Machine("blue", at("203.0.113.1", 1111));
        Machine other = new Machine("blue", at("203.0.113.2", 2222));
        RelayAddress way = meet(one, other);
        now += RelayServer.MACHINE_LOST_NANOS + SECOND;
        server.tick(now);
        one.send(way.session(), "too late");
        assertThat(sent).isEmpty();
        assertThat(server.counters().machines()).isZero();
    }

    @Test
    void letsSessionsGoThatNobodyUsesWhenThereIsRoomForNoMore() throws WireFormatException {
        server = server(new RelayLimits(10, 2, 200_000, 100_000));
        Machine one = new Machine("blue", at("203.0.113.1", 1111));
        Machine used = new Machine("blue", at("203.0.113.2", 2222));
        Machine unused = new Machine("blue", at("203.0.113.3", 3333));
        Machine last = new Machine("blue", at("203.0.113.4", 4444));
        RelayAddress usedWay = meet(one, used);
        RelayAddress unusedWay = meet(one, unused);
        last.talk();
        one.wayTo(last);
        one.talk();
        assertThat(one.wayTo(last)).as("no room, and both others are in use").isEmpty();
        for (int i = 0; i < 4; i++) {
            now += 20 * SECOND;
            for (Machine each : List.of(one, used, unused, last)) {
                each.talk();
            }
            used.send(usedWay.session(), "in use");
        }
        sent.clear();
        assertThat(meet(one, last)).isNotEqualTo(unusedWay);
        assertThat(server.sessions()).isEqualTo(2);
        one.send(usedWay.session(), "still");
        assertThat(sent).extracting(Sent::to).containsExactly(used.address);
        one.send(unusedWay.session(), "gone");
        assertThat(sent).hasSize(1);
    }

    @Test
    void usesNoSessionThatItHasNotAskedForLately() throws WireFormatException {
        Machine one = new Machine("blue", at("203.0.113.1", 1111));
        Machine other = new Machine("blue", at("203.0.113.2", 2222));
        meet(one, other);
        for (int i = 0; i < 3; i++) {
            assertThat(one.wayTo(other, RelayClient.Asking.NO)).isPresent();
            now += 15 * SECOND;
            one.talk();
            other.talk();
        }
        assertThat(one.client.isBound(now)).isTrue();
        assertThat(one.wayTo(other, RelayClient.Asking.NO)).isEmpty();
        one.wayTo(other);
        one.talk();
        assertThat(one.wayTo(other, RelayClient.Asking.NO)).isPresent();
    }

    @Test
    void asksEverySecondOnlyForAPeerThatSomethingWaitsFor() throws WireFormatException {
        Machine one = new Machine("blue", at("203.0.113.1", 1111));
        Machine away = new Machine("blue", at("203.0.113.2", 2222));
        one.wayTo(away);
        one.talk();
        now += 2 * SECOND;
        one.wayTo(away, RelayClient.Asking.NO);
        one.wayTo(away, RelayClient.Asking.AT_TIMES);
        assertThat(one.client.tick(now)).isEmpty();
        one.wayTo(away, RelayClient.Asking.SOON);
        assertThat(one.client.tick(now)).isPresent();
    }

    @Test
    void letsOneThatFloodsDelayOnlyItself() throws WireFormatException {
        server = server(new RelayLimits(10, 10, 200_000, 100_000));
        Machine loud = new Machine("blue", at("203.0.113.1", 1111));
        Machine quiet = new Machine("blue", at("203.0.113.2", 2222));
        Machine target = new Machine("blue", at("203.0.113.3", 3333));
        RelayAddress loudWay = meet(loud, target);
        RelayAddress quietWay = meet(quiet, target);
        String full = "x".repeat(1400);
        int quietArrived = 0;
        for (int i = 0; i < 1_000; i++) {
            now += SECOND / 1_000;
            loud.send(loudWay.session(), full);
            if (i % 100 == 99) {
                quiet.send(quietWay.session(), "hello");
            }
            server.tick(now);
            quietArrived += (int) sent.stream().filter(s -> s.datagram().length < 100).count();
            if (i < 999) {
                sent.removeIf(s -> s.datagram().length < 100);
            }
        }
        assertThat(quietArrived).isEqualTo(10);
        long bytes = server.counters().forwardedBytes();
        assertThat(bytes)
                .as("burst of 64 KiB and one second's worth")
                .isBetween(150_000L, 180_000L);
        assertThat(server.counters().droppedPackets()).isGreaterThan(700);
    }
}
