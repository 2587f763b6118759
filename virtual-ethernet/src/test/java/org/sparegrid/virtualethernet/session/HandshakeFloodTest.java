// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.sparegrid.virtualethernet.crypto.HandshakeMacs;
import org.sparegrid.virtualethernet.crypto.PacketCiphers;
import org.sparegrid.virtualethernet.meter.DropReason;
import org.sparegrid.virtualethernet.network.GatewayOffer;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.PresharedKey;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.path.DirectPath;
import org.sparegrid.virtualethernet.wire.HandshakeInitiation;
import org.sparegrid.virtualethernet.wire.WireFormatException;
import org.sparegrid.virtualethernet.wire.WireGuardMessage;

/// Strangers who know a machine's public key and address send it initiations that look right.
class HandshakeFloodTest {
    private static final int PER_SECOND = 10_000;
    private static final long SECOND = 1_000_000_000L;
    private static final InetSocketAddress PEER = new InetSocketAddress("203.0.113.2", 41_777);

    private final SplittableRandom random = new SplittableRandom(7);
    private final KeyPair ownKeys = KeyPair.generate();
    private final KeyPair peerKeys = KeyPair.generate();
    private final Line line = new Line();

    /// What one identity sends and delivers.
    private static final class Line implements Outlet {
        final Map<InetSocketAddress, Integer> bytesTo = new HashMap<>();
        byte[] newest = {};
        int delivered;
        int failed;

        @Override
        public void transmit(byte[] datagram, InetSocketAddress to) {
            newest = datagram;
            bytesTo.merge(to, datagram.length, Integer::sum);
        }

        @Override
        public DatagramRoom room() {
            return new SingleRoom(this::transmit);
        }

        @Override
        public void deliver(PublicKey peer, byte[] bytes, int offset, int length) {
            delivered++;
        }

        @Override
        public void deliverFast(PublicKey peer, byte[] bytes, int offset, int length) {
            throw new AssertionError("a fast frame");
        }

        @Override
        public void offered(PublicKey peer, GatewayOffer offer) {}

        @Override
        public void dropped(DropReason reason) {
            failed += reason == DropReason.BAD_PACKET ? 1 : 0;
        }
    }

    private WireGuardIdentity identity(KeyPair keys, Outlet outlet, PublicKey peer) {
        WireGuardIdentity made =
                new WireGuardIdentity(
                        keys,
                        new WireGuardIdentity.Shared(
                                new IndexTable(random),
                                new LoadMeter(200),
                                new TimestampSource(Instant.EPOCH),
                                Timers.STANDARD,
                                random,
                                PacketCiphers.jdk(),
                                false),
                        outlet,
                        _ -> new DirectPath());
        made.setPeers(
                List.of(new PeerSpec(peer, PresharedKey.NONE, Duration.ZERO, List.of(PEER))), 0);
        return made;
    }

    @Test
    void costsFewKeyAgreementsAndNoPacketAndSendsNobodyMoreThanCame() throws Exception {
        Line far = new Line();
        WireGuardIdentity own = identity(ownKeys, line, peerKeys.publicKey());
        WireGuardIdentity peer = identity(peerKeys, far, ownKeys.publicKey());
        peer.send(ownKeys.publicKey(), new byte[64], 0);
        pass(far, own);
        pass(line, peer);
        pass(far, own);
        assertThat(line.delivered).isEqualTo(1);

        HandshakeMacs macs = new HandshakeMacs(ownKeys.publicKey());
        for (int i = 0; i < PER_SECOND; i++) {
            long now = SECOND + i * SECOND / PER_SECOND;
            byte[] junk = new byte[HandshakeInitiation.MAC1_OFFSET + 32];
            random.nextBytes(junk);
            junk[0] = 1;
            junk[1] = junk[2] = junk[3] = 0;
            macs.writeMac1(junk, HandshakeInitiation.MAC1_OFFSET);
            own.receive(WireGuardMessage.parse(junk), stranger(i), now);
            if (i % 100 == 0) {
                peer.send(ownKeys.publicKey(), new byte[64], now);
                pass(far, own, now);
            }
        }

        assertThat(line.delivered).as("packets of a session under way").isEqualTo(101);
        assertThat(line.failed).as("that cost a key agreement").isBetween(1, 200);
        line.bytesTo.remove(PEER);
        assertThat(line.bytesTo.values())
                .as("answers, each to one initiation of 148 bytes")
                .hasSizeGreaterThan(PER_SECOND / 2)
                .allMatch(bytes -> bytes <= 148);
    }

    private static InetSocketAddress stranger(int number) {
        byte[] address = {11, (byte) (number >> 16), (byte) (number >> 8), (byte) number};
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), 1000);
        } catch (java.net.UnknownHostException impossible) {
            throw new AssertionError("4 bytes are an address", impossible);
        }
    }

    private static void pass(Line from, WireGuardIdentity to) throws WireFormatException {
        pass(from, to, SECOND / 2);
    }

    private static void pass(Line from, WireGuardIdentity to, long now) throws WireFormatException {
        to.receive(WireGuardMessage.parse(from.newest), PEER, now);
    }
}
