// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.portmapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/// PCP and NAT-PMP against a router on the loopback interface.
class PortMapperTest {
    private static final Inet4Address LOOPBACK = (Inet4Address) InetAddress.ofLiteral("127.0.0.1");
    private static final Duration HOUR = Duration.ofHours(1);

    /// A router that answers each question with what `answer` makes of it.
    private static final class FakeRouter implements AutoCloseable {
        final DatagramSocket socket;

        FakeRouter(UnaryOperator<byte[]> answer) throws IOException {
            socket = new DatagramSocket(new InetSocketAddress(LOOPBACK, 0));
            Thread.ofVirtual().start(() -> serve(answer));
        }

        private void serve(UnaryOperator<byte[]> answer) {
            byte[] buffer = new byte[2000];
            try {
                while (true) {
                    DatagramPacket question = new DatagramPacket(buffer, buffer.length);
                    socket.receive(question);
                    byte[] bytes = answer.apply(Arrays.copyOf(buffer, question.getLength()));
                    // A stray datagram first, as a slow network may bring one.
                    socket.send(new DatagramPacket(new byte[5], 5, question.getSocketAddress()));
                    socket.send(
                            new DatagramPacket(bytes, bytes.length, question.getSocketAddress()));
                }
            } catch (SocketException closed) {
                return;
            } catch (IOException failed) {
                throw new AssertionError(failed);
            }
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    private static Router router() {
        return new Router(LOOPBACK, LOOPBACK);
    }

    /// What a PCP server answers: the next port, for as long as was asked.
    private static byte[] pcp(byte[] question) {
        ByteBuffer in = ByteBuffer.wrap(question);
        ByteBuffer out = ByteBuffer.allocate(60);
        out.put((byte) 2).put((byte) 0x81).putShort((short) 0).putInt(in.getInt(4));
        out.position(24);
        out.put(question, 24, 16).putShort(in.getShort(40));
        out.putShort((short) (in.getShort(42) + 1));
        out.putLong(0).putInt(0xffff).put(new byte[] {(byte) 203, 0, 113, 7});
        return out.array();
    }

    private static byte[] natPmp(byte[] question) {
        if (question[0] != 0) {
            return new byte[] {0, (byte) (0x80 | question[1]), 0, 1, 0, 0, 0, 1};
        }
        return question[1] == 0
                ? new byte[] {0, (byte) 0x80, 0, 0, 0, 0, 0, 1, (byte) 203, 0, 113, 7}
                : ByteBuffer.allocate(16)
                        .put(new byte[] {0, (byte) 0x81, 0, 0, 0, 0, 0, 1})
                        .put(question, 4, 8)
                        .array();
    }

    @Test
    void mapsByPcp() throws Exception {
        try (FakeRouter fake = new FakeRouter(PortMapperTest::pcp)) {
            PcpMapper mapper = new PcpMapper(router(), fake.socket.getLocalPort());
            assertThat(mapper.map(41_777, 41_777, HOUR))
                    .isEqualTo(
                            new PortMapping(
                                    new InetSocketAddress(
                                            InetAddress.ofLiteral("203.0.113.7"), 41_778),
                                    HOUR));
            mapper.unmap(41_777, 41_778);
        }
    }

    @Test
    void mapsByNatPmpWhereTheRouterIsOlder() throws Exception {
        try (FakeRouter fake = new FakeRouter(PortMapperTest::natPmp)) {
            int port = fake.socket.getLocalPort();
            assertThatThrownBy(() -> new PcpMapper(router(), port).map(41_777, 41_777, HOUR))
                    .isNotInstanceOf(MappingRefusedException.class)
                    .isInstanceOf(IOException.class);
            NatPmpMapper mapper = new NatPmpMapper(router(), port);
            assertThat(mapper.map(41_777, 50_000, HOUR).external())
                    .isEqualTo(new InetSocketAddress(InetAddress.ofLiteral("203.0.113.7"), 50_000));
            mapper.unmap(41_777, 50_000);
        }
    }

    @Test
    void saysWhyTheRouterRefuses() throws Exception {
        UnaryOperator<byte[]> refusing =
                question -> {
                    byte[] answer = pcp(question);
                    answer[3] = 2;
                    return answer;
                };
        try (FakeRouter fake = new FakeRouter(refusing)) {
            PcpMapper mapper = new PcpMapper(router(), fake.socket.getLocalPort());
            assertThatThrownBy(() -> mapper.map(41_777, 41_777, HOUR))
                    .isInstanceOf(MappingRefusedException.class)
                    .hasMessage("PCP: the router is not allowed to map ports");
        }
    }
}
