// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.random.RandomGenerator;
import org.sparegrid.coordinator.session.AgentLine;
import org.sparegrid.coordinator.session.PolledCarrier;
import org.sparegrid.coordinator.session.SessionException;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.AgentPoll;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.control.PollAnswer;
import org.sparegrid.protocol.json.MessageFormatException;
import org.sparegrid.protocol.json.PollBody;

/// One agent, the coordinator and the network between them, in one thread with virtual time. The
/// sessions and the choice of polls are the programs' own; what lies between them and the sockets
/// is done here as in `PolledLine`, `AgentLink` and `PollSession`.
final class PollingWorld {
    static final long SECOND = 1_000_000_000L;

    private static final LeaseId LEASE = new LeaseId("vm-aaaaaaaaaaaa");
    private static final int HEARTBEAT_SECONDS = 10;
    private static final long SILENCE_MAX = 3 * HEARTBEAT_SECONDS * SECOND;

    /// What the network does to each request and each answer.
    ///
    /// @param loss how likely it is lost
    /// @param repetition how likely it comes once more, much later
    /// @param delayNanosMax how long it takes at most
    record Network(double loss, double repetition, long delayNanosMax) {
        static final Network GOOD = new Network(0, 0, SECOND / 20);
    }

    private record Event(long atNanos, long number, Runnable action) {}

    private final RandomGenerator random;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(
                    Comparator.comparingLong(Event::atNanos).thenComparingLong(Event::number));
    private long nowNanos = 1;
    private long scheduled;
    Network network = Network.GOOD;

    private int sessionsMade;
    private final AgentLine line = new AgentLine(() -> "s" + ++sessionsMade);
    int sessionsBegun;
    final List<String> takenByCoordinator = new ArrayList<>();
    final List<String> takenByAgent = new ArrayList<>();
    int saidByAgent;
    int saidByCoordinator;
    int requests;
    int underWayMost;

    private final Delivery delivery = new Delivery();
    private Agent agent;
    private long seen;
    private int failures;
    private Optional<PolledCarrier> carrier = Optional.empty();

    PollingWorld(RandomGenerator random) {
        this.random = random;
        this.agent = new Agent();
    }

    long now() {
        return nowNanos;
    }

    void start() {
        agent.open();
    }

    void runUntil(long endNanos) {
        while (!events.isEmpty() && events.peek().atNanos() <= endNanos) {
            Event next = events.remove();
            nowNanos = next.atNanos();
            next.action().run();
        }
        nowNanos = endNanos;
    }

    /// Both sides say something now and then; for some time the network carries nothing.
    void chatterUntil(long endNanos) {
        Network usual = network;
        while (nowNanos < endNanos) {
            runUntil(nowNanos + random.nextLong(1, 15 * SECOND));
            switch (random.nextInt(5)) {
                case 0 -> network = new Network(1, 0, SECOND);
                case 1 -> agent.lost();
                default -> network = usual;
            }
            for (int i = random.nextInt(4); i > 0 && sessionsBegun > 0; i--) {
                agentSays();
            }
            for (int i = random.nextInt(4); i > 0 && !takenByCoordinator.isEmpty(); i--) {
                coordinatorSays();
            }
        }
    }

    private void agentSays() {
        saidByAgent++;
        delivery.send(new AgentMessage.LeaseRejected(LEASE, "m" + saidByAgent), () -> {});
        agent.poll();
    }

    private void coordinatorSays() {
        saidByCoordinator++;
        CoordinatorMessage body = new CoordinatorMessage.StopLease(LEASE, "m" + saidByCoordinator);
        if (carrier.isPresent() && !carrier.get().isOver()) {
            carrier.get().send(body);
        } else {
            line.send(body, _ -> {});
        }
    }

    private void after(long nanos, Runnable action) {
        events.add(new Event(nowNanos + nanos, scheduled++, action));
    }

    /// Carries something, or not, or twice.
    private void carry(Runnable arrival) {
        if (random.nextDouble() >= network.loss()) {
            after(random.nextLong(network.delayNanosMax()) + 1, arrival);
        }
        if (random.nextDouble() < network.repetition()) {
            after(random.nextLong(120 * SECOND) + 1, arrival);
        }
    }

    /// The agent from one line to the next.
    private final class Agent implements Polling.Speech {
        private final Polling polling = new Polling(this, random, nowNanos);
        private int underWay;
        private boolean over;
        private long heardNanos = nowNanos;

        void open() {
            polling.greet(new AgentFrame.Hello(1, delivery.session(), delivery.received()));
            poll();
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
            return seen;
        }

        @Override
        public long received() {
            return delivery.received();
        }

        void poll() {
            if (over) {
                return;
            }
            if (nowNanos - heardNanos > SILENCE_MAX) {
                lost();
                return;
            }
            polling.due(nowNanos).forEach(this::make);
            polling.wakeMillis(nowNanos).ifPresent(millis -> after(millis * 1_000_000, this::poll));
        }

        private void make(Polling.Request request) {
            requests++;
            underWay++;
            underWayMost = Math.max(underWayMost, underWay);
            Way way = new Way(this, request.number());
            carry(() -> arrived(request.body(), way));
            after(
                    request.timeoutMillis() * 1_000_000,
                    () -> {
                        if (!way.done) {
                            way.done = true;
                            failed(request.number());
                        }
                    });
        }

        private void failed(int number) {
            underWay--;
            if (!over && polling.failed(number, nowNanos)) {
                lost();
            } else {
                poll();
            }
        }

        /// An answer arrives; repeated ones do as well.
        void answered(Way way, PollBody<PollAnswer, CoordinatorFrame> answer) {
            if (!way.done) {
                way.done = true;
                underWay--;
            }
            if (over) {
                return;
            }
            List<CoordinatorFrame> frames = polling.answered(way.number, answer, nowNanos);
            if (!frames.isEmpty()) {
                heardNanos = nowNanos;
            }
            frames.forEach(this::heard);
            poll();
        }

        private void heard(CoordinatorFrame frame) {
            switch (frame) {
                case CoordinatorFrame.Welcome(var session, var resumed, var received, _) -> {
                    if (resumed && session.equals(delivery.session())) {
                        delivery.acknowledged(received);
                    } else {
                        delivery.begun(session);
                        seen = 0;
                        sessionsBegun++;
                    }
                }
                case CoordinatorFrame.Acknowledge(long received) -> delivery.acknowledged(received);
                case CoordinatorFrame.Message message -> message(message);
                case CoordinatorFrame.Refused(var why) -> throw new AssertionError(why);
            }
        }

        private void message(CoordinatorFrame.Message message) {
            delivery.acknowledged(message.received());
            if (delivery.isNext(message.sequence(), seen)) {
                seen = message.sequence();
                int known = failures;
                boolean fails = random.nextInt(20) == 0;
                after(random.nextLong(SECOND), () -> handle(message, known, fails));
            }
        }

        /// The line is given up; another is opened after a while.
        void lost() {
            if (!over) {
                over = true;
                after(
                        random.nextLong(5 * SECOND),
                        () -> {
                            agent = new Agent();
                            agent.open();
                        });
            }
        }
    }

    /// Messages are handled one after the other; if one fails those behind it come again.
    private void handle(CoordinatorFrame.Message message, int known, boolean fails) {
        if (failures != known) {
            return;
        }
        if (message.sequence() != delivery.received() + 1) {
            after(SECOND / 10, () -> handle(message, known, fails)); // one before it is not done
            return;
        }
        if (fails) {
            failures++;
            seen = delivery.received();
            agent.lost();
            return;
        }
        takenByAgent.add(((CoordinatorMessage.StopLease) message.body()).why());
        delivery.took(message.sequence());
    }

    /// The way back to the agent.
    private final class Way implements PolledCarrier.Reply {
        private final Agent from;
        private final int number;
        private boolean done;
        private long about;

        Way(Agent from, int number) {
            this.from = from;
            this.number = number;
        }

        @Override
        public void say(List<CoordinatorFrame> frames, long question) {
            var answer = new PollBody<>(new PollAnswer(about, question), frames);
            carry(() -> from.answered(this, answer));
        }

        @Override
        public void over() {
            carry(() -> {
                if (!done) {
                    done = true;
                    from.underWay--;
                    from.lost();
                }
            });
        }
    }

    private void arrived(byte[] body, Way way) {
        try {
            PollBody<AgentPoll, AgentFrame> poll =
                    PollBody.parse(body, AgentPoll.class, AgentFrame.class);
            long number = poll.head().line();
            way.about = number;
            if (number == 0) {
                way.about = line.offer(random::nextLong);
                way.say(List.of(), 0);
            } else if (poll.frames().getFirst() instanceof AgentFrame.Hello hello) {
                greet(number, hello, way);
            } else {
                take(poll, way);
            }
        } catch (MessageFormatException | SessionException wrong) {
            throw new AssertionError(wrong);
        }
    }

    private void greet(long number, AgentFrame.Hello hello, Way way) {
        Optional<PolledCarrier.Opened> opened =
                PolledCarrier.open(line, number, hello, "192.0.2.1", nowNanos);
        if (opened.isEmpty()) {
            way.over();
            return;
        }
        PolledCarrier now = opened.get().carrier();
        if (opened.get().fresh()) {
            carrier = Optional.of(now);
            now.opening().replaced().ifPresent(AgentLine.Carrier::replaced);
            watch(now);
            assertThat(now.opening().resumed() || takenByCoordinator.isEmpty()).isTrue();
        }
        AgentLine.Opening opening = now.opening();
        way.say(
                List.of(
                        new CoordinatorFrame.Welcome(
                                opening.session(),
                                opening.resumed(),
                                opening.received(),
                                HEARTBEAT_SECONDS)),
                0);
    }

    private void watch(PolledCarrier now) {
        after(
                HEARTBEAT_SECONDS * SECOND,
                () -> {
                    if (now.isDead(nowNanos, SILENCE_MAX)) {
                        now.end();
                    } else if (!now.isOver()) {
                        watch(now);
                    }
                });
    }

    private void take(PollBody<AgentPoll, AgentFrame> poll, Way way) throws SessionException {
        Optional<PolledCarrier> open = line.polled(poll.head().line());
        if (open.isEmpty()) {
            way.over();
            return;
        }
        boolean held =
                open.get()
                        .polled(
                                poll,
                                "192.0.2.1",
                                nowNanos,
                                message ->
                                        takenByCoordinator.add(
                                                ((AgentMessage.LeaseRejected) message.body())
                                                        .why()),
                                random::nextLong,
                                way);
        if (held) {
            after(
                    poll.head().holdMillis() * 1_000_000L,
                    () -> open.get().expire(way, nowNanos, random::nextLong));
        }
    }
}
