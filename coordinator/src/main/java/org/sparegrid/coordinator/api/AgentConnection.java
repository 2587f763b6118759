// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.api;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.sparegrid.coordinator.operation.Operations;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.session.AgentLine;
import org.sparegrid.coordinator.session.SessionException;
import org.sparegrid.protocol.ProtocolVersion;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;

/// One WebSocket of an agent. Its frames are processed in order on a virtual thread of its own that
/// lasts only as long as there are any: a thread that waits costs more than all else here.
final class AgentConnection implements AgentLine.Carrier {
    private static final Logger LOG = System.getLogger(AgentConnection.class.getName());

    /// Frames that wait to be processed; an agent that sends faster than the database commits is
    /// cut off and resumes its session.
    private static final int WAITING_MAX = 4_096;

    /// How many heartbeats may be missed before the connection counts as dead.
    static final int SILENCE_HEARTBEATS = 3;

    /// A round trip that took longer was no fault of the network.
    private static final long ROUND_TRIP_MAX_MICROS = 10_000_000;

    private final SellerId seller;
    private final ServerWebSocket socket;
    private final Operations operations;
    private final Function<SellerId, AgentLine> lines;
    private final Duration heartbeat;
    private final Vertx vertx;

    /// Frames that came, and the lock of the next two.
    private final Deque<byte[]> waiting = new ArrayDeque<>();

    /// Whether a thread processes frames; the one that ends the connection does so for ever.
    private boolean working;

    private boolean ended;
    private boolean admitted;

    /// The last message that was taken and not acknowledged yet, or 0.
    private long owed;

    private volatile long heardNanos = System.nanoTime();
    private volatile @Nullable AgentLine line;

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
            if (add(message.getBytes())) {
                wake();
            } else {
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
        wake();
    }

    @Override
    public void send(CoordinatorMessage message) {
        AgentLine carried = line;
        if (carried != null) {
            carried.send(message, this::write);
            if (carried.isOverfull()) {
                close(1013, "the agent does not say that it has what it is told");
            }
        }
    }

    @Override
    public String address() {
        return socket.remoteAddress().hostAddress();
    }

    @Override
    public void replaced() {
        close(1000, "replaced by a newer connection");
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
        synchronized (waiting) {
            waiting.clear();
            ended = true;
        }
        wake();
    }

    /// Keeps a frame until it is processed, unless too many wait.
    private boolean add(byte[] frame) {
        synchronized (waiting) {
            if (ended) {
                return true;
            }
            return waiting.size() < WAITING_MAX && waiting.add(frame);
        }
    }

    private void wake() {
        synchronized (waiting) {
            if (working) {
                return;
            }
            working = true;
        }
        Thread.ofVirtual().name("agent " + seller).start(this::work);
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

    private void work() {
        boolean over = true;
        try {
            over = processAll();
        } finally {
            AgentLine carried = line;
            if (over && carried != null && carried.leave(this)) {
                operations.disconnected(seller, this);
            }
        }
    }

    /// Processes what came until there is nothing more.
    ///
    /// @return whether the connection has ended
    private boolean processAll() {
        while (true) {
            byte[] frame;
            synchronized (waiting) {
                if (ended) {
                    return true;
                }
                if (admitted && waiting.isEmpty()) {
                    working = false;
                    return false;
                }
                frame = admitted ? waiting.remove() : new byte[0];
            }
            try {
                if (admitted) {
                    process(frame);
                } else {
                    admit();
                }
            } catch (MessageFormatException | SessionException malformed) {
                close(1002, String.valueOf(malformed.getMessage()));
            } catch (RefusedException refused) {
                AgentSockets.refuse(socket, String.valueOf(refused.getMessage()));
                end();
            } catch (RuntimeException failure) {
                LOG.log(Level.ERROR, () -> "agent message failed seller=" + seller, failure);
                close(1011, "the coordinator failed; try again");
            }
        }
    }

    private void admit() {
        if (operations.isEnrolled(seller)) {
            admitted = true;
        } else {
            AgentSockets.refuse(socket, "this computer is not enrolled as a seller; join again");
            end();
        }
    }

    private void process(byte[] frame)
            throws MessageFormatException, SessionException, RefusedException {
        if (frame.length == 0) {
            close(1002, "expected a frame, got an empty message");
        } else {
            process(Format.CBOR.read(frame, AgentFrame.class));
            acknowledge();
        }
    }

    /// Once for all that came together, whatever came last.
    private void acknowledge() {
        if (owed > 0 && isIdle()) {
            write(new CoordinatorFrame.Acknowledge(owed));
            owed = 0;
        }
    }

    private boolean isIdle() {
        synchronized (waiting) {
            return waiting.isEmpty();
        }
    }

    private void process(AgentFrame frame) throws SessionException, RefusedException {
        AgentLine carried = line;
        if (frame instanceof AgentFrame.Hello hello) {
            greet(hello, carried);
            return;
        }
        if (carried == null) {
            throw new SessionException("session: expected Hello first");
        }
        if (!carried.isCarriedBy(this)) {
            replaced();
            return;
        }
        switch (frame) {
            case AgentFrame.Acknowledge(long received) -> carried.acknowledged(received);
            case AgentFrame.Message message -> {
                carried.acknowledged(message.received());
                if (carried.take(
                        this,
                        message.sequence(),
                        () -> operations.received(seller, message.body()))) {
                    owed = message.sequence();
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
            throw new RefusedException(RefusedException.Reason.INVALID, otherVersion(hello));
        }
        AgentLine opened = lines.apply(seller);
        AgentLine.Opening opening = opened.open(this, hello);
        line = opened;
        opening.replaced().ifPresent(AgentLine.Carrier::replaced);
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

    /// Why an agent of another version can't talk.
    static String otherVersion(AgentFrame.Hello hello) {
        return "session: expected version "
                + ProtocolVersion.AGENT_SESSION
                + ", got "
                + hello.version()
                + "; update the older of the two programs";
    }
}
