// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.sparegrid.virtualethernet.AttachmentSpec.Role;
import org.sparegrid.virtualethernet.meter.RelayCounters;
import org.sparegrid.virtualethernet.network.GatewayOffer;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.network.PresharedKey;

/// A computer of the owner that all reach, and two machines of which neither has any address of the
/// other, in a network without other relays.
class MemberRelaysTest {
    private static final GatewayOffer RELAY = new GatewayOffer(false, false, false, true);

    private final KeyPair ownerKey = KeyPair.generate();
    private final KeyPair key1 = KeyPair.generate();
    private final KeyPair key2 = KeyPair.generate();
    private final MemoryPort ownerPort = new MemoryPort();
    private final MemoryPort port1 = new MemoryPort();
    private final MemoryPort port2 = new MemoryPort();

    @FunctionalInterface
    private interface Check {
        void check(Attachment owner, Member one, Member two) throws Exception;
    }

    private void among(GatewayOffer offer, boolean marked, Check check) throws Exception {
        try (VirtualEthernet gateway = VirtualEthernet.open(new VirtualEthernet.Config(0));
                VirtualEthernet left = VirtualEthernet.open(new VirtualEthernet.Config(0));
                VirtualEthernet right = VirtualEthernet.open(new VirtualEthernet.Config(0));
                Attachment owner = attach(gateway, ownerKey, Role.HOST, offer, ownerPort);
                Attachment a = attach(left, key1, Role.MACHINE, GatewayOffer.NONE, port1);
                Attachment b = attach(right, key2, Role.MACHINE, GatewayOffer.NONE, port2)) {
            InetSocketAddress at =
                    new InetSocketAddress(Inet4Address.ofLiteral("127.0.0.1"), gateway.port());
            Member one = Maps.node(1, key1.publicKey());
            Member two = Maps.node(2, key2.publicKey());
            Member computer = Maps.node(3, ownerKey.publicKey(), at);
            NetworkMap map = Maps.map(1, one, two, marked ? Maps.bridge(computer) : computer);
            owner.update(map);
            a.update(map);
            b.update(map);
            hears(ownerPort, port1, frame(one, computer));
            hears(ownerPort, port2, frame(two, computer));
            check.check(owner, one, two);
        }
    }

    private static Attachment attach(
            VirtualEthernet ethernet, KeyPair keys, Role role, GatewayOffer offer, MemoryPort port)
            throws Exception {
        return ethernet.attach(
                new AttachmentSpec(keys, role, PresharedKey.NONE, Duration.ZERO, offer), port);
    }

    @Test
    void carryMachinesThatOnlyTheyReach() throws Exception {
        among(
                RELAY,
                true,
                (owner, one, two) -> {
                    hears(port2, port1, frame(one, two));
                    hears(port1, port2, frame(two, one));
                    RelayCounters done = owner.relayed().orElseThrow();
                    assertThat(done.forwardedPackets()).isPositive();
                });
    }

    @Test
    void areNoneThatTheMapDoesNotMarkOrThatDoNotOfferIt() throws Exception {
        Check nothing =
                (_, one, two) -> {
                    port1.emit(frame(one, two));
                    assertThat(port2.delivered.poll(3, TimeUnit.SECONDS)).isNull();
                };
        among(RELAY, false, nothing);
        among(new GatewayOffer(false, false, true, false), true, nothing);
    }

    private static void hears(MemoryPort to, MemoryPort from, byte[] frame)
            throws InterruptedException {
        from.emit(frame);
        assertThat(to.delivered.poll(20, TimeUnit.SECONDS)).isEqualTo(frame);
    }

    private static byte[] frame(Member from, Member to) {
        byte[] frame = new byte[60];
        to.mac().write(frame, 0);
        from.mac().write(frame, 6);
        frame[12] = (byte) 0x88;
        frame[13] = (byte) 0xb5;
        return frame;
    }
}
