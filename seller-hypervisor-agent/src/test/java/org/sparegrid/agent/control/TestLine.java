// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.control;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.net.URI;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.sparegrid.agent.identity.TestAuthority;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.json.Format;

/// A coordinator's end of agents' lines on the loopback: the test says what it says.
final class TestLine implements AutoCloseable {
    private static final int WAIT_SECONDS = 20;

    private final Vertx vertx = Vertx.vertx();
    private final BlockingQueue<ServerWebSocket> lines = new LinkedBlockingQueue<>();
    private final BlockingQueue<AgentFrame> frames = new LinkedBlockingQueue<>();
    private final BlockingQueue<byte[]> streamed = new LinkedBlockingQueue<>();
    private final HttpServer server;

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
                        .webSocketHandler(this::opened)
                        .listen(0, "127.0.0.1")
                        .await(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    URI uri() {
        return URI.create("https://localhost:" + server.actualPort());
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
