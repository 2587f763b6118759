// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UdpSocketTest {
    private record Received(byte[] datagram, InetSocketAddress from) {}

    private final LinkedBlockingQueue<Received> received = new LinkedBlockingQueue<>();

    private UdpSocket open(boolean offload) throws IOException {
        UdpSocket socket =
                new UdpSocket(
                        0,
                        offload,
                        (buffer, length, segment, from) -> {
                            for (int at = 0; at < length; at += segment) {
                                int end = Math.min(length, at + segment);
                                received.add(
                                        new Received(Arrays.copyOfRange(buffer, at, end), from));
                            }
                        });
        socket.start();
        return socket;
    }

    @ParameterizedTest
    @CsvSource({
        "true, true, 127.0.0.1",
        "true, false, 127.0.0.1",
        "false, true, 127.0.0.1",
        "false, false, 127.0.0.1",
        "true, true, ::1",
    })
    void carriesDatagramsBetweenSocketsOfEitherKind(boolean ours, boolean theirs, String address)
            throws Exception {
        try (UdpSocket sender = open(ours);
                UdpSocket receiver = open(theirs)) {
            InetSocketAddress to =
                    new InetSocketAddress(InetAddress.ofLiteral(address), receiver.port());
            byte[] bytes = new byte[3 + 40 * 1000 + 17];
            new Random(1).nextBytes(bytes);
            assertThat(sender.send(bytes, 3, bytes.length - 3, 1000, to)).isEqualTo(41);
            assertThat(sender.send(new byte[] {7}, to)).isTrue();
            for (int i = 0; i <= 40; i++) {
                int at = 3 + 1000 * i;
                Received next = received.poll(20, TimeUnit.SECONDS);
                assertThat(next.datagram())
                        .isEqualTo(
                                Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + 1000)));
                assertThat(next.from())
                        .isEqualTo(new InetSocketAddress(to.getAddress(), sender.port()));
            }
            assertThat(received.poll(20, TimeUnit.SECONDS).datagram()).containsExactly(7);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void saysWhatTheNetworkDidNotTake(boolean offload) throws Exception {
        try (UdpSocket socket = open(offload)) {
            InetSocketAddress nowhere = InetSocketAddress.createUnresolved("nowhere.invalid", 9);
            assertThat(socket.send(new byte[300], 0, 300, 100, nowhere)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void givesThePortBackAndSendsNothingMore(boolean offload) throws Exception {
        UdpSocket first = open(offload);
        int port = first.port();
        InetSocketAddress self = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
        assertThatThrownBy(() -> new UdpSocket(port, offload, (b, l, s, f) -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot open UDP port " + port);
        first.close();
        assertThat(first.send(new byte[1], self)).isFalse();
        new UdpSocket(port, offload, (b, l, s, f) -> {}).close();
    }

    @Test
    void usesTheOffloadsOfLinuxUnlessTold() throws Exception {
        try (UdpSocket with = open(true);
                UdpSocket without = open(false)) {
            assertThat(with.hasOffloads()).isTrue();
            assertThat(without.hasOffloads()).isFalse();
        }
    }
}
