// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.virtualethernet.AttachmentSpec.Role;
import org.sparegrid.virtualethernet.frame.Bytes;
import org.sparegrid.virtualethernet.frame.Checksums;
import org.sparegrid.virtualethernet.frame.EthernetFrame;
import org.sparegrid.virtualethernet.frame.Ipv4Packet;
import org.sparegrid.virtualethernet.frame.SuperFrame;
import org.sparegrid.virtualethernet.meter.DropReason;
import org.sparegrid.virtualethernet.network.Ipv4;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.network.PresharedKey;

class VirtualEthernetTest {
    private final KeyPair key1 = KeyPair.generate();
    private final KeyPair key2 = KeyPair.generate();
    private final MemoryPort port1 = new MemoryPort();
    private final MemoryPort port2 = new MemoryPort();
    private VirtualEthernet left;
    private VirtualEthernet right;

    @BeforeEach
    void open() throws IOException {
        left = VirtualEthernet.open(new VirtualEthernet.Config(0));
        right = VirtualEthernet.open(new VirtualEthernet.Config(0));
    }

    @AfterEach
    void close() {
        left.close();
        right.close();
    }

    private NetworkMap map(long version) {
        return Maps.map(
                version,
                Maps.node(1, key1.publicKey(), loopback(left)),
                Maps.node(2, key2.publicKey(), loopback(right)));
    }

    private static InetSocketAddress loopback(VirtualEthernet ethernet) {
        return new InetSocketAddress(Inet4Address.ofLiteral("127.0.0.1"), ethernet.port());
    }

    private static byte[] frame(Member from, Member to, int length) {
        byte[] frame = new byte[length];
        to.mac().write(frame, 0);
        from.mac().write(frame, 6);
        frame[12] = (byte) 0x88;
        frame[13] = (byte) 0xb5;
        Arrays.fill(frame, 14, length, (byte) 7);
        return frame;
    }

    @Test
    void carriesFramesOfAnyTypeBothWays() throws Exception {
        Attachment a = left.attach(AttachmentSpec.of(key1, Role.MACHINE), port1);
        Attachment b = right.attach(AttachmentSpec.of(key2, Role.MACHINE), port2);
        NetworkMap map = map(1);
        a.update(map);
        b.update(map);
        Member one = map.members().get(0);
        Member two = map.members().get(1);

        byte[] there = frame(one, two, 1384);
        port1.emit(there);
        assertThat(port2.delivered.poll(20, TimeUnit.SECONDS)).isEqualTo(there);
        byte[] back = frame(two, one, 60);
        port2.emit(back);
        assertThat(port1.delivered.poll(20, TimeUnit.SECONDS)).isEqualTo(back);

        // A frame is counted just after the port took it.
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (a.counters().bytesOut() == 0 && System.nanoTime() < deadlineNanos) {
            Thread.onSpinWait();
        }
        assertThat(a.counters().framesIn()).isEqualTo(1);
        assertThat(a.counters().bytesIn()).isEqualTo(1384);
        assertThat(a.counters().bytesOut()).isEqualTo(60);
        assertThat(b.counters().bytesOut()).isEqualTo(1384);
        assertThat(a.peers().getFirst().endpoint()).contains(loopback(right));
        assertThat(a.peers().getFirst().roundTrip()).isPresent();
        assertThat(a.peers().getFirst().lastHandshake()).isPresent();
    }

    /// Two buyers may use the same subnet, VNI and MAC addresses on one seller's computer.
    @Test
    void keepsTwoNetworksWithTheSameAddressesApart() throws Exception {
        KeyPair key3 = KeyPair.generate();
        KeyPair key4 = KeyPair.generate();
        MemoryPort port3 = new MemoryPort();
        MemoryPort port4 = new MemoryPort();
        NetworkMap map = map(1);
        NetworkMap other =
                Maps.map(
                        1,
                        Maps.node(1, key3.publicKey(), loopback(left)),
                        Maps.node(2, key4.publicKey(), loopback(right)));
        left.attach(AttachmentSpec.of(key1, Role.MACHINE), port1).update(map);
        right.attach(AttachmentSpec.of(key2, Role.MACHINE), port2).update(map);
        left.attach(AttachmentSpec.of(key3, Role.MACHINE), port3).update(other);
        right.attach(AttachmentSpec.of(key4, Role.MACHINE), port4).update(other);
        Member one = map.members().get(0);
        Member two = map.members().get(1);

        exchange(port1, one, two, port2);
        assertThat(port3.delivered).isEmpty();
        assertThat(port4.delivered).isEmpty();
        exchange(port4, two, one, port3);
        exchange(port3, one, two, port4);
        assertThat(port1.delivered).isEmpty();
        assertThat(port2.delivered).isEmpty();
    }

    @Test
    void talksWithThoseOnlyWhomItsOwnerNames() throws Exception {
        Attachment a = left.attach(AttachmentSpec.of(key1, Role.MACHINE), port1);
        Attachment b = right.attach(AttachmentSpec.of(key2, Role.MACHINE), port2);
        PresharedKey secret = PresharedKey.of(new byte[32]);
        NetworkMap map = map(1);
        Member one = map.members().get(0);
        Member two = map.members().get(1);
        a.admit(Map.of());
        b.admit(Map.of(key1.publicKey(), secret));
        a.update(map);
        b.update(map);
        assertThat(a.peers()).as("the map names it, the owner doesn't").isEmpty();
        assertThat(b.peers()).hasSize(1);

        a.admit(Map.of(key2.publicKey(), secret));
        exchange(port1, one, two, port2);
        exchange(port2, two, one, port1);

        a.admit(Map.of());
        a.update(map(2));
        assertThat(a.peers()).as("a newer map lets nobody in either").isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "true, true, true, true",
        "true, true, false, true",
        "false, false, false, true",
        "false, false, false, false",
        "true, false, true, false",
    })
    void carriesAnythingWhateverEitherEndIsAllowed(
            boolean offloads, boolean libcrypto, boolean fastFrames, boolean other)
            throws Exception {
        Acceleration all = other ? Acceleration.ALL : Acceleration.NONE;
        Acceleration some = new Acceleration(offloads, offloads, libcrypto, fastFrames);
        try (VirtualEthernet near = VirtualEthernet.open(new VirtualEthernet.Config(0, some));
                VirtualEthernet far = VirtualEthernet.open(new VirtualEthernet.Config(0, all))) {
            Attachment a = near.attach(AttachmentSpec.of(key1, Role.MACHINE), port1);
            Attachment b = far.attach(AttachmentSpec.of(key2, Role.MACHINE), port2);
            Member one = Maps.node(1, key1.publicKey(), loopback(near));
            Member two = Maps.node(2, key2.publicKey(), loopback(far));
            a.update(Maps.map(1, one, two));
            b.update(Maps.map(1, one, two));
            exchange(port1, one, two, port2);
            exchange(port2, two, one, port1);
            exchange(port1, one, two, port2);
            assertThat(a.counters().drops()).isEmpty();
            assertThat(b.counters().drops()).isEmpty();
        }
    }

    /// Sends frames of many lengths and one that stands for many, and sees all arrive whole.
    private static void exchange(MemoryPort from, Member sender, Member to, MemoryPort at)
            throws Exception {
        for (int i = 0; i < 100; i++) {
            byte[] sent = frame(sender, to, 14 + (i * 137) % 1370);
            from.emit(sent);
            assertThat(at.delivered.poll(20, TimeUnit.SECONDS)).isEqualTo(sent);
        }
        byte[] large = tcp(sender, to, 20_000);
        from.emit(new SuperFrame().read(large, 0, large.length));
        int payload = 0;
        while (payload < 20_000) {
            byte[] part = at.delivered.poll(20, TimeUnit.SECONDS);
            long pseudo = Checksums.sum(part, 26, 8) + 6 + (part.length - 34);
            long sum = pseudo + Checksums.sum(part, 34, part.length - 34);
            assertThat(Checksums.fold(sum)).isZero();
            payload += part.length - 54;
        }
        assertThat(payload).isEqualTo(20_000);
    }

    /// A TCP segment of more than fits, to be divided into pieces of 1,000 bytes.
    private static byte[] tcp(Member from, Member to, int payload) {
        byte[] out = new byte[10 + 54 + payload];
        new Random(payload).nextBytes(out);
        System.arraycopy(new byte[] {1, 1, 54, 0, (byte) 0xe8, 3, 34, 0, 16, 0}, 0, out, 0, 10);
        to.mac().write(out, 10);
        from.mac().write(out, 16);
        Bytes.put16(out, 22, EthernetFrame.IPV4);
        Ipv4Packet.writeHeader(
                out,
                24,
                20 + payload,
                Ipv4Packet.TCP,
                Ipv4.bits(from.address()),
                Ipv4.bits(to.address()));
        out[56] = 0x50;
        out[57] = 0x10;
        Bytes.put16(out, 60, ~Checksums.fold(Checksums.sum(out, 36, 8) + 6 + 20 + payload));
        return out;
    }

    @Test
    void dropsEverythingOfAMemberThatTheMapNoLongerNames() throws Exception {
        Attachment a = left.attach(AttachmentSpec.of(key1, Role.MACHINE), port1);
        Attachment b = right.attach(AttachmentSpec.of(key2, Role.MACHINE), port2);
        NetworkMap map = map(1);
        a.update(map);
        b.update(map);
        Member one = map.members().get(0);
        Member two = map.members().get(1);
        port1.emit(frame(one, two, 60));
        assertThat(port2.delivered.poll(20, TimeUnit.SECONDS)).isNotNull();

        b.update(Maps.map(2, two));
        a.update(Maps.map(2, two));
        port1.emit(frame(one, two, 60));
        assertThat(a.counters().dropped(DropReason.NO_MAP)).isEqualTo(1);
        assertThat(b.peers()).isEmpty();
    }

    @Test
    void saysThatNobodyAnswersAPing() throws Exception {
        Attachment a = left.attach(AttachmentSpec.of(key1, Role.MACHINE), port1);
        a.update(map(1));
        assertThat(a.ping("node2", Duration.ofMillis(10))).isEmpty();
        assertThatThrownBy(() -> a.ping("node9", Duration.ofMillis(10)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("ping: no other member node9");
    }

    @Test
    void namesItsEndpointsWithTheBoundPort() throws IOException {
        assertThat(left.endpoints())
                .isNotEmpty()
                .allSatisfy(endpoint -> assertThat(endpoint.getPort()).isEqualTo(left.port()));
    }
}
