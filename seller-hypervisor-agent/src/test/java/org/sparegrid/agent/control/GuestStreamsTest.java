// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.control;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.sparegrid.agent.identity.Identity;
import org.sparegrid.agent.identity.TestAuthority;
import org.sparegrid.agent.lease.Outbox;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.StreamId;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.control.CoordinatorMessage.StreamWanted;
import org.sparegrid.virtualethernet.userspace.TcpConnection;

/// Streams between a "guest", which is a socket of this test, and a coordinator's WebSockets.
class GuestStreamsTest {
    private static final StreamWanted WANTED =
            new StreamWanted(new LeaseId("vm-aaaaaaaaaaaa"), new StreamId("str-aaaaaaaaaaaa"));

    private final TestAuthority authority = new TestAuthority();
    private final TestLine coordinator = new TestLine(authority);
    private final BlockingQueue<AgentMessage> told = new LinkedBlockingQueue<>();
    private final GuestStreams streams;
    private volatile Optional<String> whyPolling = Optional.empty();
    private final ServerSocket guests = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

    GuestStreamsTest() throws Exception {
        Identity identity = authority.agent(coordinator.uri());
        streams =
                new GuestStreams(
                        identity.coordinator(),
                        identity.tls(),
                        new Outbox() {
                            @Override
                            public void send(AgentMessage message) {
                                told.add(message);
                            }

                            @Override
                            public void send(AgentMessage message, Runnable acknowledged) {
                                told.add(message);
                            }
                        },
                        () -> whyPolling);
    }

    @Test
    void refusesAStreamAsLongAsNoWebSocketCanBeHad() throws Exception {
        whyPolling = Optional.of("HTTP status 403");
        streams.open(
                WANTED,
                () -> {
                    throw new AssertionError("the machine was called");
                });
        assertThat(told.poll(20, TimeUnit.SECONDS))
                .isEqualTo(
                        new AgentMessage.StreamRefused(
                                WANTED.stream(),
                                "no WebSocket from the seller's computer: HTTP status 403"));
    }

    @AfterEach
    void close() throws Exception {
        streams.close();
        coordinator.close();
        guests.close();
    }

    /// A connection over a socket of the system.
    private record Wire(Socket socket) implements TcpConnection {
        @Override
        public InputStream inputStream() {
            try {
                return socket.getInputStream();
            } catch (IOException closed) {
                throw new AssertionError(closed);
            }
        }

        @Override
        public OutputStream outputStream() {
            return new OutputStream() {
                @Override
                public void write(int single) throws IOException {
                    socket.getOutputStream().write(single);
                }

                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    socket.getOutputStream().write(bytes, offset, length);
                }

                @Override
                public void close() throws IOException {
                    if (!socket.isClosed()) {
                        socket.shutdownOutput();
                    }
                }
            };
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private TcpConnection dial() throws IOException {
        return new Wire(new Socket(guests.getInetAddress(), guests.getLocalPort()));
    }

    @Test
    void carriesBothDirectionsAndTheirEnds() throws Exception {
        streams.open(WANTED, this::dial);
        try (Socket guest = guests.accept()) {
            ServerWebSocket line = coordinator.line();
            assertThat(line.path())
                    .isEqualTo("/v1/agent/streams/str-aaaaaaaaaaaa")
                    .isEqualTo(CoordinatorMessage.streamPath(WANTED.stream()));
            line.writeBinaryMessage(Buffer.buffer("hello"));
            assertThat(guest.getInputStream().readNBytes(5)).isEqualTo("hello".getBytes(US_ASCII));
            line.writeBinaryMessage(Buffer.buffer());
            assertThat(guest.getInputStream().read()).isEqualTo(-1);

            byte[] data = new byte[1_000_000];
            new Random(1).nextBytes(data);
            guest.getOutputStream().write(data);
            guest.shutdownOutput();
            ByteArrayOutputStream got = new ByteArrayOutputStream();
            for (byte[] part = coordinator.streamed();
                    part.length > 0;
                    part = coordinator.streamed()) {
                assertThat(part.length)
                        .isLessThanOrEqualTo(CoordinatorMessage.STREAM_MESSAGE_MAX_BYTES);
                got.write(part);
            }
            assertThat(got.toByteArray()).isEqualTo(data);
            awaitClosed(line);
        }
        assertThat(told).isEmpty();
    }

    private static void awaitClosed(ServerWebSocket line) throws InterruptedException {
        CountDownLatch closed = new CountDownLatch(1);
        if (!line.isClosed()) {
            line.closeHandler(_ -> closed.countDown());
        }
        assertThat(line.isClosed() || closed.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void letsGoOfTheGuestWhenTheCoordinatorDoes() throws Exception {
        streams.open(WANTED, this::dial);
        try (Socket guest = guests.accept()) {
            coordinator.line().close((short) 1008, "nobody waits for that stream");
            guest.setSoTimeout(20_000);
            assertThat(ends(guest)).isTrue();
        }
    }

    private static boolean ends(Socket guest) throws IOException {
        try {
            return guest.getInputStream().read() < 0;
        } catch (SocketException reset) {
            return true;
        }
    }

    @Test
    void letsGoOfTheCoordinatorWhenTheGuestIsGone() throws Exception {
        streams.open(WANTED, this::dial);
        ServerWebSocket line;
        try (Socket guest = guests.accept()) {
            line = coordinator.line();
            guest.setSoLinger(true, 0); // a reset
        }
        awaitClosed(line);
    }

    @Test
    void saysWhyTheGuestIsNotReached() throws Exception {
        streams.open(
                WANTED,
                () -> {
                    throw new ConnectException("connect to 10.77.0.2: refused");
                });
        assertThat(told.poll(20, TimeUnit.SECONDS))
                .isEqualTo(
                        new AgentMessage.StreamRefused(
                                WANTED.stream(),
                                "port 22 of the machine: connect to 10.77.0.2: refused"));
    }

    @Test
    void carriesNoMoreThanItCan() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        for (int i = 0; i < 32; i++) {
            streams.open(
                    WANTED,
                    () -> {
                        try {
                            over.await();
                        } catch (InterruptedException stop) {
                            Thread.currentThread().interrupt();
                        }
                        throw new ConnectException("late");
                    });
        }
        streams.open(WANTED, this::dial);
        assertThat(told.poll(20, TimeUnit.SECONDS))
                .isEqualTo(
                        new AgentMessage.StreamRefused(
                                WANTED.stream(),
                                "the seller's computer carries 32 streams already"));
        over.countDown();
    }
}
