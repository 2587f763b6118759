// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.control;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.net.URI;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.sparegrid.agent.identity.Identity;
import org.sparegrid.agent.lease.Outbox;
import org.sparegrid.protocol.ProtocolVersion;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;
import org.sparegrid.protocol.tls.PinnedAuthority;

/// The connection to the coordinator, made again whenever it breaks.
///
/// All state belongs to one event loop; the listener is called on a thread of its own.
public final class AgentLink implements Outbox, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(AgentLink.class.getName());

    private static final int CONNECT_MILLIS_MAX = 10_000;

    /// How long the coordinator may take to answer `Hello`.
    private static final int WELCOME_MILLIS_MAX = 30_000;

    /// How often Vert.x looks whether its threads are stuck; it counts by the second otherwise.
    private static final long STUCK_LOOK_MILLIS = 60_000;

    /// The close status for a frame that is not as specified. Source: RFC 6455, section 7.4.1.
    private static final short PROTOCOL_ERROR = 1002;

    private final URI coordinator;
    private final Vertx vertx;
    private final Context loop;
    private final WebSocketClient client;
    private final ExecutorService worker;
    private final Delivery delivery = new Delivery();
    private final Backoff backoff = new Backoff(new SecureRandom());
    private volatile String state = "not connected yet";
    private volatile boolean connected;
    private volatile boolean closed;
    private @Nullable SessionListener listener;
    private @Nullable WebSocket socket;
    private final List<Runnable> early = new ArrayList<>();
    private boolean inventoried;
    private boolean welcome;
    private int connection;
    private long seen;
    private long lastHeardNanos;
    private long heartbeatTimer = -1;

    /// Prepares the connection; [#start] opens it.
    public AgentLink(Identity identity) {
        this.coordinator = identity.coordinator();
        this.vertx =
                Vertx.vertx(
                        new VertxOptions()
                                .setEventLoopPoolSize(1)
                                .setWorkerPoolSize(1)
                                .setBlockedThreadCheckInterval(STUCK_LOOK_MILLIS)
                                // It would make a folder that stays if this agent is killed.
                                .setFileSystemOptions(
                                        new FileSystemOptions()
                                                .setClassPathResolvingEnabled(false)
                                                .setFileCachingEnabled(false)));
        this.loop = vertx.getOrCreateContext();
        this.worker =
                Executors.newSingleThreadExecutor(
                        Thread.ofPlatform().name("coordinator-messages").factory());
        this.client =
                vertx.createWebSocketClient(
                        new WebSocketClientOptions()
                                .setSsl(true)
                                .setVerifyHost(true)
                                .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"))
                                .setConnectTimeout(CONNECT_MILLIS_MAX)
                                .setMaxFrameSize(Format.LENGTH_MAX_BYTES)
                                .setMaxMessageSize(Format.LENGTH_MAX_BYTES)
                                .setTrustOptions(
                                        TrustOptions.wrap(
                                                new PinnedAuthority(identity.authority())))
                                .setKeyCertOptions(
                                        new PemKeyCertOptions()
                                                .addKeyValue(Buffer.buffer(identity.keyPem()))
                                                .addCertValue(
                                                        Buffer.buffer(identity.certificatePem()))));
    }

    /// Begins to connect.
    public void start(SessionListener sessionListener) {
        loop.runOnContext(_ -> {
            listener = sessionListener;
            connect();
        });
    }

    /// Whether a session is open.
    public boolean isConnected() {
        return connected;
    }

    /// How the connection stands, for people.
    public String state() {
        return state;
    }

    @Override
    public void send(AgentMessage message) {
        send(message, () -> {});
    }

    @Override
    public void send(AgentMessage message, Runnable acknowledged) {
        loop.runOnContext(_ -> {
            // Without a session the inventory will say everything that matters.
            if (delivery.session().isEmpty()) {
                return;
            }
            if (inventoried) {
                post(message, acknowledged);
            } else if (early.size() < Delivery.PENDING_MAX) {
                early.add(() -> post(message, acknowledged));
            } else {
                giveUp("too much to say before the inventory");
            }
        });
    }

    /// Tells the coordinator whatever can still be told, at most as long as given, and goes away.
    public void close(long millisMax) throws InterruptedException {
        for (long waited = 0; connected && waited < millisMax && unsent() > 0; waited += 20) {
            Thread.sleep(20);
        }
        close();
    }

    @Override
    public void close() {
        closed = true;
        worker.shutdownNow();
        try {
            worker.awaitTermination(5, TimeUnit.SECONDS);
            vertx.close().toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException
                | java.util.concurrent.TimeoutException stuck) {
            LOG.log(System.Logger.Level.WARNING, () -> "connection not closed cause=" + stuck);
        }
    }

    private int unsent() {
        var count = new java.util.concurrent.CompletableFuture<Integer>();
        loop.runOnContext(_ -> count.complete(delivery.pending()));
        return count.completeOnTimeout(0, 1, TimeUnit.SECONDS).join();
    }

    private void connect() {
        if (closed) {
            return;
        }
        int port = coordinator.getPort() < 0 ? 443 : coordinator.getPort();
        client.connect(
                        new WebSocketConnectOptions()
                                .setHost(coordinator.getHost())
                                .setPort(port)
                                .setSsl(true)
                                .setURI("/v1/agent"))
                .onComplete(done ->
                        loop.runOnContext(_ -> {
                            if (done.succeeded()) {
                                opened(done.result());
                            } else {
                                lost("can't connect: " + done.cause());
                            }
                        }));
    }

    /// Sends a message, or gives the session up if too many wait.
    private void post(AgentMessage message, Runnable acknowledged) {
        AgentFrame.Message frame = delivery.send(message, acknowledged);
        if (delivery.session().isEmpty()) {
            giveUp("too many messages wait for the coordinator");
        } else {
            write(frame);
        }
    }

    /// Begins anew with the next connection, whose first message is an inventory.
    private void giveUp(String why) {
        LOG.log(System.Logger.Level.WARNING, () -> "session given up cause=" + why);
        delivery.begun("");
        early.clear();
        drop();
    }

    private void opened(WebSocket opened) {
        if (opened.isClosed()) {
            lost("closed: " + opened.closeReason());
            return;
        }
        connection++;
        int mine = connection;
        socket = opened;
        welcome = false;
        lastHeardNanos = System.nanoTime();
        opened.binaryMessageHandler(bytes ->
                loop.runOnContext(_ -> {
                    if (connection == mine) {
                        heard(opened, bytes);
                    }
                }));
        opened.closeHandler(_ ->
                loop.runOnContext(_ -> {
                    if (connection == mine) {
                        lost("closed: " + opened.closeReason());
                    }
                }));
        opened.exceptionHandler(
                failed -> LOG.log(System.Logger.Level.DEBUG, () -> "connection failed " + failed));
        writeFrame(
                new AgentFrame.Hello(
                        ProtocolVersion.AGENT_SESSION, delivery.session(), delivery.received()));
        vertx.setTimer(
                WELCOME_MILLIS_MAX,
                _ -> {
                    if (connection == mine && !welcome) {
                        opened.close();
                    }
                });
    }

    private void lost(String why) {
        socket = null;
        welcome = false;
        vertx.cancelTimer(heartbeatTimer);
        if (!inventoried) {
            // A session without its inventory must not be resumed.
            delivery.begun("");
            early.clear();
        }
        if (closed) {
            return;
        }
        long wait = backoff.nextMillis();
        if (connected || state.startsWith("not")) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    () -> "coordinator lost cause=" + why + " retryMillis=" + wait);
        }
        connected = false;
        state = why;
        vertx.setTimer(wait, _ -> connect());
    }

    private void heard(WebSocket from, Buffer bytes) {
        lastHeardNanos = System.nanoTime();
        try {
            CoordinatorFrame frame = Format.CBOR.read(bytes.getBytes(), CoordinatorFrame.class);
            switch (frame) {
                case CoordinatorFrame.Welcome answer -> welcomed(answer);
                case CoordinatorFrame.Message message -> message(message);
                case CoordinatorFrame.Acknowledge got -> acknowledged(got.received());
                case CoordinatorFrame.Refused no -> {
                    LOG.log(
                            System.Logger.Level.ERROR,
                            () -> "coordinator refuses this computer cause=" + no.why());
                    state = "refused: " + no.why();
                }
            }
        } catch (MessageFormatException | IllegalArgumentException wrong) {
            LOG.log(System.Logger.Level.ERROR, () -> "frame refused cause=" + wrong.getMessage());
            from.close(PROTOCOL_ERROR, "frame refused");
        }
    }

    private void welcomed(CoordinatorFrame.Welcome answer) {
        welcome = true;
        connected = true;
        state = "connected";
        backoff.reset();
        boolean same = answer.resumed() && answer.session().equals(delivery.session());
        LOG.log(
                System.Logger.Level.INFO,
                () -> "session session=" + answer.session() + " resumed=" + same);
        heartbeatTimer =
                vertx.setPeriodic(
                        Math.max(1, answer.heartbeatSeconds()) * 1000L,
                        _ -> heartbeat(answer.heartbeatSeconds()));
        if (same) {
            acknowledged(answer.received());
            delivery.resumed().forEach(this::write);
            return;
        }
        delivery.begun(answer.session());
        seen = 0;
        // What was said before is in the inventory; what is said meanwhile follows it.
        inventoried = false;
        early.clear();
        onWorker(current -> {
            AgentMessage.Inventory inventory = current.inventory();
            loop.runOnContext(_ -> {
                if (delivery.session().equals(answer.session())) {
                    begun(inventory);
                }
            });
            current.begun();
        });
    }

    private void begun(AgentMessage.Inventory inventory) {
        inventoried = true;
        post(inventory, () -> {});
        List<Runnable> waiting = List.copyOf(early);
        early.clear();
        waiting.forEach(Runnable::run);
    }

    private void message(CoordinatorFrame.Message message) {
        acknowledged(message.received());
        if (!delivery.isNext(message.sequence(), seen)) {
            writeFrame(new AgentFrame.Acknowledge(delivery.received()));
            return;
        }
        seen = message.sequence();
        String session = delivery.session();
        onWorker(current -> {
            current.handle(message.body());
            loop.runOnContext(_ -> {
                if (delivery.session().equals(session)) {
                    delivery.took(message.sequence());
                    write(new AgentFrame.Acknowledge(delivery.received()));
                }
            });
        });
    }

    private void acknowledged(long sequence) {
        for (Runnable told : delivery.acknowledged(sequence)) {
            onWorker(_ -> told.run());
        }
    }

    private interface Work {
        void run(SessionListener listener) throws IOException;
    }

    private void onWorker(Work work) {
        SessionListener current = listener;
        if (current == null) {
            return;
        }
        try {
            worker.execute(() -> {
                try {
                    work.run(current);
                } catch (IOException | RuntimeException failed) {
                    LOG.log(System.Logger.Level.ERROR, "message not handled", failed);
                    loop.runOnContext(_ -> drop());
                }
            });
        } catch (RejectedExecutionException closing) {
            LOG.log(System.Logger.Level.DEBUG, () -> "message ignored: closing " + closing);
        }
    }

    /// Closes the connection; what was not acknowledged comes again with the next.
    private void drop() {
        seen = delivery.received();
        WebSocket open = socket;
        if (open != null) {
            open.close();
        }
    }

    private void heartbeat(int seconds) {
        if (System.nanoTime() - lastHeardNanos > 3_000_000_000L * seconds) {
            LOG.log(System.Logger.Level.WARNING, () -> "coordinator silent");
            drop();
        } else if (inventoried) {
            post(new AgentMessage.Heartbeat(), () -> {});
        }
    }

    /// Writes a frame if the session is open; else it is sent once the session goes on.
    private void write(AgentFrame frame) {
        if (welcome) {
            writeFrame(frame);
        }
    }

    private void writeFrame(AgentFrame frame) {
        WebSocket open = socket;
        if (open != null) {
            open.writeBinaryMessage(Buffer.buffer(Format.CBOR.write(frame)));
        }
    }
}
