// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.control;

import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.sparegrid.agent.config.SessionChoice;
import org.sparegrid.agent.identity.Identity;
import org.sparegrid.agent.lease.Outbox;
import org.sparegrid.agent.status.StatusReport;
import org.sparegrid.protocol.ProtocolVersion;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorFrame;

/// The connection to the coordinator, made again whenever it breaks.
///
/// All state belongs to one event loop; the listener is called on a thread of its own.
public final class AgentLink implements Outbox, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(AgentLink.class.getName());

    /// How long the coordinator may take to answer `Hello`.
    private static final int WELCOME_MILLIS_MAX = 30_000;

    /// How long for over a WebSocket that is tried while polls work; it is deaf meanwhile.
    private static final int TRIAL_WELCOME_MILLIS_MAX = 5_000;

    /// How often Vert.x looks whether its threads are stuck; it counts by the second otherwise.
    private static final long STUCK_LOOK_MILLIS = 60_000;

    /// How long the coordinator is told that the agent goes away.
    private static final long LEAVE_MILLIS_MAX = 2_000;

    private final Vertx vertx;
    private final Context loop;
    private final Carriers carriers;
    private final CarrierChoice choice;
    private final Inbox inbox;
    private final Delivery delivery = new Delivery();
    private final Backoff backoff;
    private volatile String state = "not connected yet";
    private volatile String whyPolling = "";
    private volatile boolean connected;
    private volatile boolean closed;

    /// What carries the session, or is about to.
    private @Nullable Line line;

    private final List<Runnable> early = new ArrayList<>();
    private boolean inventoried;
    private boolean welcome;
    private long lastHeardNanos;
    private long heartbeatTimer = -1;

    /// Prepares the connection; [#start] opens it.
    public AgentLink(Identity identity) {
        this(identity, SessionChoice.AUTO);
    }

    /// Prepares the connection; [#start] opens it.
    ///
    /// @param setting what may carry the session
    public AgentLink(Identity identity, SessionChoice setting) {
        this(identity, new CarrierChoice(setting, new SecureRandom()));
    }

    AgentLink(Identity identity, CarrierChoice choice) {
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
        this.inbox = new Inbox(loop, this::again);
        SecureRandom random = new SecureRandom();
        this.backoff = new Backoff(random);
        this.choice = choice;
        this.carriers = new Carriers(identity, vertx, loop, random);
    }

    /// Begins to connect.
    public void start(SessionListener sessionListener) {
        loop.runOnContext(_ -> {
            inbox.start(sessionListener);
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

    /// Why polls carry the session, if they do now.
    public Optional<String> whyPolling() {
        return Optional.of(whyPolling).filter(why -> !why.isEmpty());
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
        if (closed) {
            return;
        }
        closed = true;
        inbox.stop();
        try {
            leave();
            inbox.awaitStop();
            vertx.close().toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException
                | java.util.concurrent.TimeoutException stuck) {
            LOG.log(System.Logger.Level.WARNING, () -> "connection not closed cause=" + stuck);
        }
    }

    private void leave() throws InterruptedException {
        Promise<Void> left = Promise.promise();
        loop.runOnContext(_ -> {
            Line open = line;
            if (open == null || open.carrier == null) {
                left.complete();
            } else {
                open.carrier.leave().onComplete(_ -> left.tryComplete());
            }
        });
        try {
            left.future()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(LEAVE_MILLIS_MAX, TimeUnit.MILLISECONDS);
        } catch (java.util.concurrent.ExecutionException
                | java.util.concurrent.TimeoutException untold) {
            LOG.log(System.Logger.Level.DEBUG, () -> "coordinator not told cause=" + untold);
        }
    }

    private int unsent() {
        var count = new java.util.concurrent.CompletableFuture<Integer>();
        loop.runOnContext(_ -> count.complete(delivery.pending()));
        return count.completeOnTimeout(0, 1, TimeUnit.SECONDS).join();
    }

    /// One carrier from its opening to its end. All but the present one and one that is tried are
    /// deaf.
    private final class Line implements Carrier.Events, Polling.Speech {
        private final Carrier.Kind kind;
        private @Nullable Carrier carrier;
        private long openedNanos;

        private Line(Carrier.Kind kind) {
            this.kind = kind;
        }

        private void open() {
            switch (kind) {
                case WEBSOCKET -> carriers.webSocket(this);
                case POLLS -> carriers.polls(this, this);
            }
        }

        @Override
        public void opened(Carrier opened) {
            carrier = opened;
            openedNanos = System.nanoTime();
            Line before = line;
            if (before == this) {
                begin(this, opened, WELCOME_MILLIS_MAX);
            } else if (closed) {
                opened.abandon();
            } else {
                replace(before);
                begin(this, opened, TRIAL_WELCOME_MILLIS_MAX);
            }
        }

        @Override
        public void heard(CoordinatorFrame frame) {
            if (line == this) {
                lastHeardNanos = System.nanoTime();
                take(frame);
            }
        }

        @Override
        public void lost(Carrier.Loss loss) {
            if (kind == Carrier.Kind.WEBSOCKET) {
                long lived = carrier == null ? 0 : System.nanoTime() - openedNanos;
                choice.webSocketLost(loss, Duration.ofNanos(lived));
            } else {
                choice.pollsLost();
            }
            if (line == this) {
                AgentLink.this.lost(loss.why());
            } else if (line != null && line.kind == Carrier.Kind.POLLS) {
                choice.polling();
                retryLater(line);
            }
        }

        @Override
        public long last() {
            return delivery.last();
        }

        @Override
        public List<AgentFrame.Message> unacknowledged(int most) {
            return delivery.unacknowledged(most);
        }

        @Override
        public long seen() {
            return inbox.seen();
        }

        @Override
        public long received() {
            return delivery.received();
        }

        private void close(Carrier.Loss loss) {
            Carrier open = carrier;
            if (open != null) {
                open.close(loss);
            }
        }
    }

    private void connect() {
        if (!closed && line == null) {
            Line next = new Line(choice.next());
            line = next;
            next.open();
        }
    }

    /// A WebSocket that was tried while polls were made takes their place.
    private void replace(@Nullable Line before) {
        if (before != null && before.carrier != null) {
            before.carrier.abandon();
        }
        settle();
    }

    /// Forgets what belongs to a carrier.
    private void settle() {
        welcome = false;
        vertx.cancelTimer(heartbeatTimer);
        if (!inventoried) {
            // A session without its inventory must not be resumed.
            delivery.begun("");
            early.clear();
        }
    }

    /// A WebSocket is tried while polls carry the session, so that nothing is missed.
    private void retryLater(Line polls) {
        if (choice.mayRetry()) {
            vertx.setTimer(
                    choice.nextRetry().toMillis(),
                    _ -> {
                        if (line == polls && !closed) {
                            new Line(Carrier.Kind.WEBSOCKET).open();
                        }
                    });
        }
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
        drop(new Carrier.Loss("session given up: " + why, false));
    }

    private void begin(Line opened, Carrier carrier, int welcomeMillisMax) {
        line = opened;
        welcome = false;
        lastHeardNanos = System.nanoTime();
        carrier.write(
                new AgentFrame.Hello(
                        ProtocolVersion.AGENT_SESSION, delivery.session(), delivery.received()));
        vertx.setTimer(
                welcomeMillisMax,
                _ -> {
                    if (line == opened && !welcome) {
                        opened.close(new Carrier.Loss("the coordinator does not answer", true));
                    }
                });
    }

    private void lost(String why) {
        line = null;
        settle();
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
        whyPolling = "";
        state = why;
        vertx.setTimer(wait, _ -> connect());
    }

    private void take(CoordinatorFrame frame) {
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
    }

    private void welcomed(CoordinatorFrame.Welcome answer) {
        welcome = true;
        connected = true;
        told();
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
        inbox.rewind(0);
        // What was said before is in the inventory; what is said meanwhile follows it.
        inventoried = false;
        early.clear();
        inbox.run(current -> {
            AgentMessage.Inventory inventory = current.inventory();
            loop.runOnContext(_ -> {
                if (delivery.session().equals(answer.session())) {
                    begun(inventory);
                }
            });
            current.begun();
        });
    }

    /// Says over what it is connected.
    private void told() {
        Line current = line;
        boolean polls = current != null && current.kind == Carrier.Kind.POLLS;
        whyPolling = polls ? choice.why() : "";
        state = polls ? StatusReport.POLLING + choice.why() : "connected";
        if (current != null && polls) {
            choice.polling();
            retryLater(current);
        }
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
        if (inbox.hasFailed()) {
            return; // it comes again
        }
        if (!delivery.isNext(message.sequence(), inbox.seen())) {
            write(new AgentFrame.Acknowledge(delivery.received()));
            return;
        }
        String session = delivery.session();
        inbox.handle(
                message.sequence(),
                message.body(),
                handled -> {
                    if (delivery.session().equals(session)) {
                        delivery.took(handled);
                        write(new AgentFrame.Acknowledge(delivery.received()));
                    }
                });
    }

    private void acknowledged(long sequence) {
        for (Runnable told : delivery.acknowledged(sequence)) {
            inbox.run(_ -> told.run());
        }
    }

    /// A message was not handled: it and those after it come again with the next connection.
    private void again() {
        inbox.rewind(delivery.received());
        drop(new Carrier.Loss("a message was not handled", false));
    }

    /// Closes the connection; what was not acknowledged comes again with the next.
    private void drop(Carrier.Loss loss) {
        Line open = line;
        if (open != null) {
            open.close(loss);
        }
    }

    private void heartbeat(int seconds) {
        if (System.nanoTime() - lastHeardNanos > 3_000_000_000L * seconds) {
            LOG.log(System.Logger.Level.WARNING, () -> "coordinator silent");
            drop(new Carrier.Loss("nothing comes from the coordinator", true));
        } else if (inventoried && whyPolling.isEmpty()) { // each poll is a heartbeat
            post(new AgentMessage.Heartbeat(), () -> {});
        }
    }

    /// Writes a frame if the session is open; else it is sent once the session goes on.
    private void write(AgentFrame frame) {
        Line open = line;
        if (welcome && open != null && open.carrier != null) {
            open.carrier.write(frame);
        }
    }
}
