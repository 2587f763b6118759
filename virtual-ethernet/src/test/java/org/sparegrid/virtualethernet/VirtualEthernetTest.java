// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sparegrid.virtualethernet.AttachmentSpec.Role;
import org.sparegrid.virtualethernet.meter.DropReason;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;

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
        assertThat(port2.delivered.poll(5, TimeUnit.SECONDS)).isEqualTo(there);
        byte[] back = frame(two, one, 60);
        port2.emit(back);
        assertThat(port1.delivered.poll(5, TimeUnit.SECONDS)).isEqualTo(back);

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
        assertThat(port2.delivered.poll(5, TimeUnit.SECONDS)).isNotNull();

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
        assertThat(left.localEndpoints())
                .isNotEmpty()
                .allSatisfy(endpoint -> assertThat(endpoint.getPort()).isEqualTo(left.port()));
    }
}
