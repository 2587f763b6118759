// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.api;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.sparegrid.coordinator.operation.Operations;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.session.SessionException;
import org.sparegrid.protocol.ProtocolVersion;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;

/// One WebSocket of an agent. Its frames are processed in order on a virtual thread of its own.
final class AgentConnection implements Operations.AgentLink {
    private static final Logger LOG = System.getLogger(AgentConnection.class.getName());

    /// Frames that wait to be processed; an agent that sends faster than the database commits is
    /// cut off and resumes its session.
    private static final int WAITING_MAX = 4_096;

    /// How many heartbeats may be missed before the connection counts as dead.
    private static final int SILENCE_HEARTBEATS = 3;

    /// Ends the processing; an agent that sends an empty message is cut off as well.
    private static final byte[] END = new byte[0];

    /// A round trip that took longer was no fault of the network.
    private static final long ROUND_TRIP_MAX_MICROS = 10_000_000;

    private final SellerId seller;
    private final ServerWebSocket socket;
    private final Operations operations;
    private final Function<SellerId, AgentLine> lines;
    private final Duration heartbeat;
    private final Vertx vertx;
    private final BlockingQueue<byte[]> waiting = new LinkedBlockingQueue<>(WAITING_MAX);
    private volatile long heardNanos = System.nanoTime();
    private @Nullable AgentLine line;

    /// What was last asked and when; both belong to the event loop.
    private long pinged;

    private long pingedNanos;

    AgentConnection(
            SellerId seller,
            ServerWebSocket socket,
            Operations operations,
            Function<SellerId, AgentLine> lines,
            Duration heartbeat,
            Vertx vertx) {
        this.seller = seller;
        this.socket = socket;
        this.operations = operations;
        this.lines = lines;
        this.heartbeat = heartbeat;
        this.vertx = vertx;
    }

    /// Encodes a frame.
    static Buffer encode(CoordinatorFrame frame) {
        return Buffer.buffer(Format.CBOR.write(frame));
    }

    void start() {
        socket.binaryMessageHandler(message -> {
            heardNanos = System.nanoTime();
            if (!waiting.offer(message.getBytes())) {
                close(1013, "too many messages at once");
            }
        });
        socket.pongHandler(this::pong);
        socket.textMessageHandler(text -> close(1003, "expected binary messages"));
        long timer = vertx.setPeriodic(heartbeat.toMillis(), id -> beat());
        socket.closeHandler(none -> {
            vertx.cancelTimer(timer);
            end();
        });
        Thread.ofVirtual().name("agent " + seller).start(this::run);
    }

    @Override
    public void send(CoordinatorMessage message) {
        AgentLine carried = line;
        if (carried != null) {
            carried.send(message, this::write);
        }
    }

    @Override
    public String address() {
        return socket.remoteAddress().hostAddress();
    }

    void close(int code, String why) {
        LOG.log(Level.DEBUG, () -> "agent connection closed seller=" + seller + " cause=" + why);
        try {
            socket.close((short) code, why.length() > 100 ? why.substring(0, 100) : why);
        } catch (RejectedExecutionException stopping) {
            LOG.log(Level.DEBUG, () -> "agent connection ends with the server seller=" + seller);
        }
        end();
    }

    private void end() {
        waiting.clear();
        waiting.offer(END);
    }

    private void beat() {
        AgentLine carried = line;
        if (System.nanoTime() - heardNanos > heartbeat.multipliedBy(SILENCE_HEARTBEATS).toNanos()) {
            close(1001, "silent for too long");
        } else if (carried != null) {
            write(new CoordinatorFrame.Acknowledge(carried.received()));
            ping();
        }
    }

    /// Measures the round trip; runs on the event loop. An agent can delay its answer, but it can't
    /// give it before it was asked, as the question is random.
    private void ping() {
        if (!socket.isClosed()) {
            pinged = ThreadLocalRandom.current().nextLong();
            pingedNanos = System.nanoTime();
            socket.writePing(Buffer.buffer().appendLong(pinged));
        }
    }

    private void pong(Buffer answer) {
        if (answer.length() == Long.BYTES && answer.getLong(0) == pinged) {
            pinged = 0;
            long micros = (System.nanoTime() - pingedNanos) / 1000;
            if (micros <= ROUND_TRIP_MAX_MICROS) {
                Thread.startVirtualThread(() -> operations.measured(seller, (int) micros));
            }
        }
    }

    private void write(CoordinatorFrame frame) {
        if (!socket.isClosed()) {
            socket.writeBinaryMessage(encode(frame));
        }
    }

    private void run() {
        try {
            if (!operations.isEnrolled(seller)) {
                AgentSockets.refuse(
                        socket, "this computer is not enrolled as a seller; join again");
                return;
            }
            for (byte[] frame = waiting.take(); frame.length > 0; frame = waiting.take()) {
                process(Format.CBOR.read(frame, AgentFrame.class));
            }
            close(1002, "expected a frame, got an empty message");
        } catch (MessageFormatException | SessionException malformed) {
            close(1002, String.valueOf(malformed.getMessage()));
        } catch (RefusedException refused) {
            AgentSockets.refuse(socket, String.valueOf(refused.getMessage()));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException failure) {
            LOG.log(Level.ERROR, () -> "agent message failed seller=" + seller, failure);
            close(1011, "the coordinator failed; try again");
        } finally {
            AgentLine carried = line;
            if (carried != null && carried.leave(this)) {
                operations.disconnected(seller, this);
            }
        }
    }

    private void process(AgentFrame frame)
            throws SessionException, RefusedException, InterruptedException {
        AgentLine carried = line;
        if (frame instanceof AgentFrame.Hello hello) {
            greet(hello, carried);
            return;
        }
        if (carried == null) {
            throw new SessionException("session: expected Hello first");
        }
        if (!carried.isCarriedBy(this)) {
            close(1000, "replaced by a newer connection");
            return;
        }
        switch (frame) {
            case AgentFrame.Acknowledge(long received) -> carried.acknowledged(received);
            case AgentFrame.Message message -> {
                carried.acknowledged(message.received());
                if (carried.isNext(message.sequence())) {
                    operations.received(seller, message.body());
                    long received = carried.took();
                    if (waiting.isEmpty()) {
                        write(new CoordinatorFrame.Acknowledge(received));
                    }
                }
            }
            case AgentFrame.Hello again -> throw new SessionException("session: unexpected Hello");
        }
    }

    private void greet(AgentFrame.Hello hello, @Nullable AgentLine carried)
            throws SessionException, RefusedException {
        if (carried != null) {
            throw new SessionException("session: expected one Hello, got another");
        }
        if (hello.version() != ProtocolVersion.AGENT_SESSION) {
            throw new RefusedException(
                    RefusedException.Reason.INVALID,
                    "session: expected version "
                            + ProtocolVersion.AGENT_SESSION
                            + ", got "
                            + hello.version()
                            + "; update the older of the two programs");
        }
        AgentLine opened = lines.apply(seller);
        AgentLine.Opening opening = opened.open(this, hello);
        line = opened;
        opening.replaced().ifPresent(old -> old.close(1000, "replaced by a newer connection"));
        write(
                new CoordinatorFrame.Welcome(
                        opening.session(),
                        opening.resumed(),
                        opening.received(),
                        (int) Math.max(1, heartbeat.toSeconds())));
        opening.again().forEach(this::write);
        LOG.log(
                Level.INFO,
                () -> "agent session open seller=" + seller + " resumed=" + opening.resumed());
        operations.connected(seller, this);
    }
}
