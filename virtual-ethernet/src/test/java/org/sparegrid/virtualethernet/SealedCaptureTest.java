// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.virtualethernet.AttachmentSpec.Role;
import org.sparegrid.virtualethernet.capture.Capture;
import org.sparegrid.virtualethernet.capture.DatagramTap;
import org.sparegrid.virtualethernet.capture.Recording;
import org.sparegrid.virtualethernet.frame.Bytes;
import org.sparegrid.virtualethernet.frame.Checksums;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.network.RelaySpec;

class SealedCaptureTest {
    private static final byte[] SECRET =
            "what the buyer's machines say ".repeat(20).getBytes(StandardCharsets.US_ASCII);

    @TempDir private Path folder = Path.of("/nonexistent");

    /// What a recording of a capture has to do with.
    private interface Passing {
        void pass(Capture capture) throws Exception;
    }

    /// Writes a capture over a socket, as programs do, while `passing` happens.
    private byte[] record(Capture capture, long framesMax, Passing passing) throws Exception {
        Path path = folder.resolve("s");
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (ServerSocketChannel server =
                ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                        .bind(UnixDomainSocketAddress.of(path))) {
            Thread serving =
                    Thread.ofVirtual()
                            .start(() -> {
                                try (SocketChannel asker = server.accept()) {
                                    capture.serve(asker, "test");
                                } catch (Exception failed) {
                                    throw new AssertionError(failed);
                                }
                            });
            try (SocketChannel asker = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                FutureTask<Recording> recording =
                        new FutureTask<>(() -> Recording.write(asker, file, 0, framesMax));
                Thread.ofVirtual().start(recording);
                passing.pass(capture);
                Recording done = recording.get(20, TimeUnit.SECONDS);
                assertThat(done.frames()).isEqualTo(packets(file.toByteArray()).size());
                assertThat(done.frames()).isLessThanOrEqualTo(framesMax == 0 ? 1000 : framesMax);
            }
            serving.join();
        }
        Files.delete(path);
        return file.toByteArray();
    }

    /// The packets in a capture file.
    private static List<byte[]> packets(byte[] file) {
        List<byte[]> packets = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining()) {
            int at = in.position();
            if (in.getInt(at) == 6) {
                int length = in.getInt(at + 20);
                packets.add(Arrays.copyOfRange(file, at + 28, at + 28 + length));
            }
            in.position(at + in.getInt(at + 4));
        }
        return packets;
    }

    private static byte[] frame(Member from, Member to) {
        byte[] frame = new byte[14 + SECRET.length];
        to.mac().write(frame, 0);
        from.mac().write(frame, 6);
        Bytes.put16(frame, 12, 0x88b5);
        System.arraycopy(SECRET, 0, frame, 14, SECRET.length);
        return frame;
    }

    /// Each says something ten times, and is heard.
    private static void talk(MemoryPort port1, Member one, MemoryPort port2, Member two)
            throws InterruptedException {
        for (int i = 0; i < 10; i++) {
            port1.emit(frame(one, two));
            assertThat(port2.delivered.poll(20, TimeUnit.SECONDS)).isNotNull();
            port2.emit(frame(two, one));
            assertThat(port1.delivered.poll(20, TimeUnit.SECONDS)).isNotNull();
        }
    }

    private static InetSocketAddress loopback(VirtualEthernet ethernet) {
        return new InetSocketAddress(Inet4Address.ofLiteral("127.0.0.1"), ethernet.port());
    }

    @Test
    void showsBothDirectionsOfOneMachineAndNothingOfWhatIsSaid() throws Exception {
        KeyPair key1 = KeyPair.generate();
        KeyPair key2 = KeyPair.generate();
        MemoryPort port1 = new MemoryPort();
        MemoryPort port2 = new MemoryPort();
        try (VirtualEthernet left = VirtualEthernet.open(new VirtualEthernet.Config(0));
                VirtualEthernet right = VirtualEthernet.open(new VirtualEthernet.Config(0))) {
            Member one = Maps.node(1, key1.publicKey(), loopback(left));
            Member two = Maps.node(2, key2.publicKey(), loopback(right));
            NetworkMap map = Maps.map(1, one, two);
            Attachment a = left.attach(AttachmentSpec.of(key1, Role.MACHINE), port1);
            Attachment silent =
                    left.attach(
                            AttachmentSpec.of(KeyPair.generate(), Role.MACHINE), new MemoryPort());
            right.attach(AttachmentSpec.of(key2, Role.MACHINE), port2).update(map);
            a.update(map);
            byte[] file =
                    record(
                            a.captureSealed(),
                            0,
                            _ -> {
                                talk(port1, one, port2, two);
                                a.close();
                            });
            List<byte[]> packets = packets(file);
            assertThat(packets).allSatisfy(SealedCaptureTest::isSoundVersion4);
            assertThat(sealed(packets, left.port())).hasSize(10);
            assertThat(sealed(packets, right.port())).hasSize(10);
            assertThat(new String(file, StandardCharsets.ISO_8859_1)).doesNotContain("buyer");
            byte[] other = record(silent.captureSealed(), 0, Capture::close);
            assertThat(packets(other)).as("of the other machine on this port").isEmpty();
        }
    }

    @Test
    void showsWhatGoesOverTlsAsItIsWithinAndWhereItGoes() throws Exception {
        KeyPair key1 = KeyPair.generate();
        KeyPair key2 = KeyPair.generate();
        MemoryPort port1 = new MemoryPort();
        MemoryPort port2 = new MemoryPort();
        InetAddress loopback = Inet4Address.ofLiteral("127.0.0.1");
        Path keys = Path.of(NatLabStreams.newCertificate(folder));
        UdpRelay.Config config =
                new UdpRelay.Config(loopback, 0, 0, KeyPair.generate(), 10_000_000);
        try (UdpRelay relay = UdpRelay.open(config, _ -> Optional.of("blue"));
                NatLabStreams streams = new NatLabStreams(relay, keys, 0, each -> !isProbe(each));
                DatagramSocket silent = new DatagramSocket(0, loopback);
                VirtualEthernet left = VirtualEthernet.open(new VirtualEthernet.Config(0));
                VirtualEthernet right = VirtualEthernet.open(new VirtualEthernet.Config(0))) {
            URI base = URI.create("https://127.0.0.1:" + streams.port());
            RelaySpec spec =
                    new RelaySpec(
                            new InetSocketAddress(loopback, silent.getLocalPort()),
                            relay.publicKey(),
                            Optional.of(URI.create("/v1/relay")));
            left.relayOverTls(base, NatLabStreams.tls(keys));
            right.relayOverTls(base, NatLabStreams.tls(keys));
            Member one = Maps.node(1, key1.publicKey());
            Member two = Maps.node(2, key2.publicKey());
            NetworkMap map = Maps.map(1, List.of(spec), one, two);
            Attachment a = left.attach(AttachmentSpec.of(key1, Role.MACHINE), port1);
            right.attach(AttachmentSpec.of(key2, Role.MACHINE), port2).update(map);
            byte[] file =
                    record(
                            a.captureSealed(),
                            0,
                            _ -> {
                                a.update(map);
                                talk(port1, one, port2, two);
                                a.close();
                            });
            List<byte[]> packets = packets(file);
            assertThat(packets).allSatisfy(SealedCaptureTest::isSoundVersion4);
            assertThat(sealed(packets, left.port())).hasSize(10);
            assertThat(sealed(packets, streams.port())).hasSize(10);
            assertThat(new String(file, StandardCharsets.ISO_8859_1)).doesNotContain("buyer");
        }
    }

    /// What the relay must not pass on, so that two machines never learn of another way.
    private static boolean isProbe(byte[] relayed) {
        return relayed[1] != (byte) 0x80 && relayed[8] == (byte) 0xd1;
    }

    /// The frames that left this port, in a packet of WireGuard or as a fast frame.
    private static List<byte[]> sealed(List<byte[]> packets, int port) {
        return packets.stream()
                .filter(packet ->
                        Bytes.u16(packet, 20) == port
                                && (packet[28] == 4 || packet[28] == 5)
                                && packet.length > SECRET.length)
                .toList();
    }

    private static void isSoundVersion4(byte[] packet) {
        assertThat(packet[0]).isEqualTo((byte) 0x45);
        assertThat(Bytes.u16(packet, 2)).isEqualTo(packet.length);
        assertThat(Checksums.of(packet, 0, 20)).isZero();
        int length = packet.length - 20;
        assertThat(Bytes.u16(packet, 24)).isEqualTo(length);
        assertThat(Checksums.fold(Checksums.sum(packet, 12, packet.length - 12) + 17 + length))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void showsThoseOfVersion6OneByOne(boolean outbound) throws Exception {
        DatagramTap tap = new DatagramTap();
        InetSocketAddress far =
                new InetSocketAddress(java.net.InetAddress.ofLiteral("2001:db8::7"), 9000);
        byte[] run = new byte[3 + 2500];
        Arrays.fill(run, 3, run.length, (byte) 9);
        assertThat(tap.isWatched()).isFalse();
        byte[] file =
                record(
                        tap.capture(),
                        3,
                        _ -> {
                            assertThat(tap.isWatched()).isTrue();
                            tap.see(outbound, run, 3, 2500, 1000, far, 41_777);
                            tap.see(outbound, run, 3, 1000, 1000, far, 41_777);
                        });
        List<byte[]> packets = packets(file);
        assertThat(packets).extracting(packet -> packet.length).containsExactly(1048, 1048, 548);
        assertThat(packets)
                .allSatisfy(packet -> {
                    int length = packet.length - 40;
                    assertThat(Bytes.u16(packet, 4)).isEqualTo(length);
                    assertThat(Bytes.u16(packet, outbound ? 40 : 42)).isEqualTo(41_777);
                    assertThat(packet[outbound ? 39 : 23]).isEqualTo((byte) 7);
                    long sum = Checksums.sum(packet, 8, packet.length - 8) + 17 + length;
                    assertThat(Checksums.fold(sum)).isZero();
                    assertThat(packet[48]).isEqualTo((byte) 9);
                });
        tap.close();
        assertThat(tap.isWatched()).isFalse();
    }
}
