// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.sparegrid.virtualethernet.AttachmentSpec.Role;
import org.sparegrid.virtualethernet.check.NetworkReport;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.network.RelaySpec;
import org.sparegrid.virtualethernet.stun.StunMessage;

class UdpRelayTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private static UdpRelay open(KeyPair... members) throws Exception {
        return UdpRelay.open(
                new UdpRelay.Config(LOOPBACK, 0, 0, KeyPair.generate(), 10_000_000),
                key ->
                        Arrays.stream(members).anyMatch(m -> m.publicKey().equals(key))
                                ? Optional.of("blue")
                                : Optional.empty());
    }

    @Test
    void tellsStrangersHowItSeesThem() throws Exception {
        try (UdpRelay relay = open();
                DatagramSocket stranger = new DatagramSocket(0, LOOPBACK)) {
            stranger.setSoTimeout(20_000);
            var request = new StunMessage.Request(StunMessage.Transaction.draw(new Random()));
            byte[] bytes = request.toBytes();
            stranger.send(new DatagramPacket(bytes, bytes.length, LOOPBACK, relay.port()));
            DatagramPacket answer = new DatagramPacket(new byte[100], 100);
            stranger.receive(answer);
            assertThat(StunMessage.parse(Arrays.copyOf(answer.getData(), answer.getLength())))
                    .isEqualTo(
                            new StunMessage.Success(
                                    request.transaction(),
                                    new InetSocketAddress(LOOPBACK, stranger.getLocalPort())));
        }
    }

    @Test
    void helpsToFindOutWhatLiesBetween() throws Exception {
        try (UdpRelay relay = open();
                VirtualEthernet ethernet = VirtualEthernet.open(new VirtualEthernet.Config(0))) {
            InetSocketAddress at = new InetSocketAddress(LOOPBACK, relay.port());
            NetworkReport report = ethernet.survey(at);
            assertThat(report.udp()).isTrue();
            assertThat(report.open()).isTrue();
            assertThat(report.seen()).isEqualTo("127.0.0.1:" + ethernet.port());
            assertThat(report.mapping()).isEqualTo(NetworkReport.Mapping.NONE);
            assertThat(report.filtering()).isEqualTo(NetworkReport.Filtering.OPEN);
            assertThat(report.pathMtu()).isEqualTo(1500);
        }
    }

    @Test
    void answersNobodyAtMuchGreaterLengthThanHeAsked() throws Exception {
        try (UdpRelay relay = open();
                DatagramSocket stranger = new DatagramSocket(0, LOOPBACK)) {
            stranger.setSoTimeout(20_000);
            for (int padding : new int[] {0, 40}) {
                var request =
                        new StunMessage.Request(
                                StunMessage.Transaction.draw(new Random()),
                                Optional.of(new StunMessage.Wish(true, 0, padding)),
                                List.of());
                byte[] bytes = request.toBytes();
                stranger.send(new DatagramPacket(bytes, bytes.length, LOOPBACK, relay.port()));
                DatagramPacket answer = new DatagramPacket(new byte[100], 100);
                stranger.receive(answer);
                assertThat(answer.getLength()).isLessThanOrEqualTo(bytes.length + 24);
                assertThat(answer.getPort()).isEqualTo(relay.stunPort());
            }
        }
    }

    @Test
    void carriesMachinesThatCannotReachEachOther() throws Exception {
        KeyPair one = KeyPair.generate();
        KeyPair other = KeyPair.generate();
        MemoryPort port = new MemoryPort();
        MemoryPort farPort = new MemoryPort();
        try (UdpRelay relay = open(one, other);
                VirtualEthernet near = VirtualEthernet.open(new VirtualEthernet.Config(0));
                VirtualEthernet far = VirtualEthernet.open(new VirtualEthernet.Config(0));
                Attachment left = near.attach(AttachmentSpec.of(one, Role.HOST), port);
                Attachment right = far.attach(AttachmentSpec.of(other, Role.HOST), farPort)) {
            // Neither names an address, so that at first only the relay is left.
            Member first = Maps.node(1, one.publicKey());
            Member second = Maps.node(2, other.publicKey());
            InetSocketAddress at = new InetSocketAddress(LOOPBACK, relay.port());
            NetworkMap map =
                    Maps.map(1, List.of(new RelaySpec(at, relay.publicKey())), first, second);
            left.update(map);
            right.update(map);
            byte[] frame = frame(first, second);
            port.emit(frame);
            assertThat(farPort.delivered.poll(20, TimeUnit.SECONDS)).isEqualTo(frame);
            assertThat(relay.counters().forwardedPackets()).isPositive();
        }
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
