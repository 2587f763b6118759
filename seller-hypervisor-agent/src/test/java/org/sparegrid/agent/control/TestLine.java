// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.ServerWebSocketHandshake;
import io.vertx.core.internal.http.WebSocketInternal;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.net.URI;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.sparegrid.agent.identity.TestAuthority;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.AgentPoll;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.control.PollAnswer;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.PollBody;

/// A coordinator's end of agents' lines on the loopback: the test says what it says.
final class TestLine implements AutoCloseable {
    private static final int WAIT_SECONDS = 20;

    private final Vertx vertx = Vertx.vertx();
    private final BlockingQueue<ServerWebSocket> lines = new LinkedBlockingQueue<>();
    private final BlockingQueue<AgentFrame> frames = new LinkedBlockingQueue<>();
    private final BlockingQueue<byte[]> streamed = new LinkedBlockingQueue<>();
    private final BlockingQueue<Poll> polls = new LinkedBlockingQueue<>();
    private final HttpServer server;
    private final Semaphore upgrades = new Semaphore(0);
    private volatile int upgradeStatus;

    /// A poll that waits for its answer.
    record Poll(PollBody<AgentPoll, AgentFrame> body, HttpServerResponse response) {
        void answer(long line, CoordinatorFrame... frames) {
            response.putHeader("Content-Type", AgentPoll.CONTENT_TYPE);
            var _ =
                    response.end(
                            Buffer.buffer(
                                    new PollBody<>(new PollAnswer(line, 9), List.of(frames))
                                            .toBytes()));
        }
    }

    TestLine(TestAuthority authority) throws Exception {
        server =
                vertx.createHttpServer(
                                new HttpServerOptions()
                                        .setSsl(true)
                                        .setClientAuth(ClientAuth.REQUIRED)
                                        .setMaxWebSocketMessageSize(Format.LENGTH_MAX_BYTES)
                                        .setKeyCertOptions(
                                                new PemKeyCertOptions()
                                                        .addKeyValue(
                                                                Buffer.buffer(
                                                                        authority.serverKeyPem()))
                                                        .addCertValue(
                                                                Buffer.buffer(
                                                                        authority
                                                                                .serverChainPem())))
                                        .setTrustOptions(
                                                new PemTrustOptions()
                                                        .addCertValue(
                                                                Buffer.buffer(
                                                                        authority.authorityPem()))))
                        .webSocketHandshakeHandler(this::asked)
                        .webSocketHandler(this::opened)
                        .requestHandler(
                                request -> request.bodyHandler(body -> polled(request, body)))
                        .listen(0, "127.0.0.1")
                        .await(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    URI uri() {
        return URI.create("https://localhost:" + server.actualPort());
    }

    /// From now on no WebSocket is opened, or 0.
    void refuseUpgrades(int status) {
        upgradeStatus = status;
    }

    /// Waits until so many WebSockets were asked for.
    void awaitUpgrades(int count) throws InterruptedException {
        assertThat(upgrades.tryAcquire(count, WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    /// How many polls wait here.
    int polled() {
        return polls.size();
    }

    /// Cuts a connection without a word.
    void cut(ServerWebSocket line) {
        var _ = ((WebSocketInternal) line).channelHandlerContext().close();
    }

    private void asked(ServerWebSocketHandshake handshake) {
        upgrades.release();
        if (upgradeStatus == 0) {
            handshake.accept();
        } else {
            handshake.reject(upgradeStatus);
        }
    }

    private void polled(HttpServerRequest request, Buffer body) {
        try {
            polls.add(
                    new Poll(
                            PollBody.parse(body.getBytes(), AgentPoll.class, AgentFrame.class),
                            request.response()));
        } catch (org.sparegrid.protocol.json.MessageFormatException bad) {
            throw new AssertionError(bad);
        }
    }

    /// The agent's next poll.
    Poll poll() throws InterruptedException {
        Poll poll = polls.poll(WAIT_SECONDS, TimeUnit.SECONDS);
        if (poll == null) {
            throw new AssertionError("no poll came");
        }
        return poll;
    }

    private void opened(ServerWebSocket line) {
        line.binaryMessageHandler(bytes -> {
            if (line.path().startsWith(CoordinatorMessage.STREAMS_PATH)) {
                streamed.add(bytes.getBytes());
                return;
            }
            try {
                frames.add(Format.CBOR.read(bytes.getBytes(), AgentFrame.class));
            } catch (org.sparegrid.protocol.json.MessageFormatException bad) {
                throw new AssertionError(bad);
            }
        });
        lines.add(line);
    }

    /// The next connection.
    ServerWebSocket line() throws InterruptedException {
        ServerWebSocket line = lines.poll(WAIT_SECONDS, TimeUnit.SECONDS);
        if (line == null) {
            throw new AssertionError("no connection came");
        }
        return line;
    }

    /// The agent's next frame.
    AgentFrame frame() throws InterruptedException {
        AgentFrame frame = frames.poll(WAIT_SECONDS, TimeUnit.SECONDS);
        if (frame == null) {
            throw new AssertionError("no frame came");
        }
        return frame;
    }

    /// The next message on a stream.
    byte[] streamed() throws InterruptedException {
        byte[] message = streamed.poll(WAIT_SECONDS, TimeUnit.SECONDS);
        if (message == null) {
            throw new AssertionError("no message came");
        }
        return message;
    }

    static void say(ServerWebSocket line, CoordinatorFrame frame) {
        line.writeBinaryMessage(Buffer.buffer(Format.CBOR.write(frame)));
    }

    @Override
    public void close() throws TimeoutException {
        vertx.close().await(WAIT_SECONDS, TimeUnit.SECONDS);
    }
}
