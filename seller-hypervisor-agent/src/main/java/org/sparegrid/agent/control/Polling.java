// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.control;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.AgentPoll;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.control.PollAnswer;
import org.sparegrid.protocol.json.PollBody;

/// Which polls an agent makes, and when. At most one waits for what the coordinator has to say, and
/// one tells what the agent has to say.
///
/// Every poll says all that was not acknowledged and asks for all that has not arrived, so that it
/// doesn't matter which are lost, repeated or late. Belongs to one thread.
///
/// Source: docs/protocol/agent-session.md, section "Polling".
final class Polling {
    /// How long the first poll waits, and the first after something was said; the next ones twice
    /// as long, until the coordinator's heartbeat or [AgentPoll#HOLD_MILLIS_MAX].
    static final int HOLD_MILLIS_FIRST = 1_000;

    /// How long an answer may take beyond the time for which it may be held.
    static final Duration ANSWER_MAX = Duration.ofSeconds(20);

    /// With so many polls lost one after the other the line is given up.
    static final int LOST_MAX = 5;

    /// A coordinator that asks for patience is given no more than this.
    static final int PATIENCE_SECONDS_MAX = 300;

    private static final long NANOS_OF_MILLI = 1_000_000;

    /// What the agent has to say.
    interface Speech {
        /// The number of the last message, 0 if all are acknowledged.
        long last();

        /// The oldest messages that were not acknowledged, in order.
        List<AgentFrame.Message> unacknowledged(int most);

        /// The number up to which all of the coordinator's messages have arrived.
        long seen();

        /// The number up to which they have taken effect.
        long received();
    }

    /// A poll to be made.
    ///
    /// @param number tells it from the others of this line
    /// @param timeoutMillis after which it counts as lost
    @SuppressWarnings("ArrayRecordComponent") // It goes straight to the socket, never compared.
    record Request(int number, byte[] body, long timeoutMillis) {}

    /// A poll that is under way.
    private record UnderWay(boolean speaks, int holdMillis, long sinceNanos) {}

    private final Speech speech;
    private final Backoff backoff;
    private final Map<Integer, UnderWay> underWay = new HashMap<>();
    private AgentFrame.@Nullable Hello hello;
    private boolean welcome;
    private long line;
    private long question;
    private int requests;
    private int lost;

    /// The last message that is on its way or has arrived.
    private long spoken;

    /// Whether the agent has said something since the last poll that is held began.
    private boolean spokeSince;

    private int holdMillis = HOLD_MILLIS_FIRST;
    private int holdMillisMax = HOLD_MILLIS_FIRST;
    private long notBeforeNanos;
    private long listenNotBeforeNanos;

    Polling(Speech speech, RandomGenerator random, long nowNanos) {
        this.speech = speech;
        this.backoff = new Backoff(random);
        this.notBeforeNanos = nowNanos;
        this.listenNotBeforeNanos = nowNanos;
    }

    /// Opens the line with that.
    void greet(AgentFrame.Hello greeting) {
        hello = greeting;
    }

    /// The polls that are to be made now.
    List<Request> due(long nowNanos) {
        List<Request> due = new ArrayList<>();
        if (hello == null || nowNanos - notBeforeNanos < 0) {
            return due;
        }
        if (!welcome) {
            if (underWay.isEmpty()) {
                due.add(opening(hello, nowNanos));
            }
            return due;
        }
        if (speech.last() > spoken && !isUnderWay(true)) {
            due.add(speaking(nowNanos));
        }
        if (!isUnderWay(false) && nowNanos - listenNotBeforeNanos >= 0) {
            due.add(listening(nowNanos));
        }
        return due;
    }

    /// In how many milliseconds there may be something due that is not now, if nothing else
    /// happens.
    Optional<Long> wakeMillis(long nowNanos) {
        return LongStream.of(notBeforeNanos - nowNanos, listenNotBeforeNanos - nowNanos)
                .filter(wait -> wait > 0)
                .boxed()
                .min(Long::compare)
                .map(wait -> wait / NANOS_OF_MILLI + 1);
    }

    private boolean isUnderWay(boolean speaks) {
        return underWay.values().stream().anyMatch(poll -> poll.speaks() == speaks);
    }

    /// First the number of a line, then the greeting on it.
    private Request opening(AgentFrame.Hello greeting, long nowNanos) {
        PollBody.Writer body = new PollBody.Writer(new AgentPoll(line, 0, 0, 0, false));
        if (line != 0) {
            body.add(greeting);
        }
        return request(true, 0, body, nowNanos);
    }

    private Request speaking(long nowNanos) {
        PollBody.Writer body = new PollBody.Writer(new AgentPoll(line, speech.seen(), 0, 0, false));
        body.add(new AgentFrame.Acknowledge(speech.received()));
        for (AgentFrame.Message message : speech.unacknowledged(PollBody.FRAMES_MAX)) {
            if (!body.add(message)) {
                break;
            }
            spoken = Math.max(spoken, message.sequence());
        }
        holdMillis = HOLD_MILLIS_FIRST;
        spokeSince = true;
        return request(true, 0, body, nowNanos);
    }

    private Request listening(long nowNanos) {
        PollBody.Writer body =
                new PollBody.Writer(
                        new AgentPoll(line, speech.seen(), question, holdMillis, false));
        body.add(new AgentFrame.Acknowledge(speech.received()));
        question = 0;
        spokeSince = false;
        return request(false, holdMillis, body, nowNanos);
    }

    private Request request(boolean speaks, int hold, PollBody.Writer body, long nowNanos) {
        int number = ++requests;
        underWay.put(number, new UnderWay(speaks, hold, nowNanos));
        return new Request(number, body.toBytes(), ANSWER_MAX.toMillis() + hold);
    }

    /// The body of a last poll, by which the coordinator knows that the agent goes away; empty if
    /// it does not know it here.
    Optional<byte[]> farewell() {
        if (!welcome) {
            return Optional.empty();
        }
        PollBody.Writer body = new PollBody.Writer(new AgentPoll(line, speech.seen(), 0, 0, true));
        body.add(new AgentFrame.Acknowledge(speech.received()));
        return Optional.of(body.toBytes());
    }

    /// A poll was answered.
    ///
    /// @return what the coordinator says; nothing if that poll was given up or answered before
    /// @throws IllegalArgumentException if the answer is about another line
    List<CoordinatorFrame> answered(
            int number, PollBody<PollAnswer, CoordinatorFrame> answer, long nowNanos) {
        UnderWay poll = underWay.remove(number);
        if (poll == null) {
            return List.of();
        }
        if (line != 0 && answer.head().line() != line) {
            throw new IllegalArgumentException(
                    "poll: expected an answer on line " + line + ", got " + answer.head().line());
        }
        line = answer.head().line();
        lost = 0;
        backoff.reset();
        if (poll.speaks()) {
            answer.frames().stream()
                    .filter(CoordinatorFrame.Welcome.class::isInstance)
                    .map(CoordinatorFrame.Welcome.class::cast)
                    .forEach(this::welcomed);
        } else {
            question = answer.head().question();
            listened(poll, answer.frames(), nowNanos);
        }
        return answer.frames();
    }

    private void welcomed(CoordinatorFrame.Welcome answer) {
        welcome = true;
        spoken = answer.resumed() ? answer.received() : 0;
        holdMillisMax =
                Math.clamp(
                        answer.heartbeatSeconds() * 1000L,
                        HOLD_MILLIS_FIRST,
                        AgentPoll.HOLD_MILLIS_MAX);
    }

    /// While nothing is said polls are held longer; then they are short again. One that was
    /// answered long before its time, with nothing, must not be followed by the next at once.
    private void listened(UnderWay poll, List<CoordinatorFrame> frames, long nowNanos) {
        boolean news = frames.stream().anyMatch(CoordinatorFrame.Message.class::isInstance);
        if (news) {
            holdMillis = HOLD_MILLIS_FIRST;
            listenNotBeforeNanos = nowNanos;
            return;
        }
        listenNotBeforeNanos = poll.sinceNanos() + poll.holdMillis() / 2 * NANOS_OF_MILLI;
        if (nowNanos - listenNotBeforeNanos < 0) {
            question = 0;
        }
        if (!spokeSince) {
            holdMillis = Math.min(holdMillis * 2, holdMillisMax);
        }
    }

    /// A poll had no answer, or none of the coordinator.
    ///
    /// @return whether the line is to be given up
    boolean failed(int number, long nowNanos) {
        UnderWay poll = underWay.remove(number);
        if (poll == null) {
            return false;
        }
        if (poll.speaks()) {
            spoken = 0; // whatever was not acknowledged is said again
        } else {
            holdMillisMax = Math.max(HOLD_MILLIS_FIRST, poll.holdMillis() / 2);
            holdMillis = HOLD_MILLIS_FIRST;
            question = 0;
        }
        lost++;
        notBeforeNanos = nowNanos + backoff.nextMillis() * NANOS_OF_MILLI;
        return lost >= LOST_MAX;
    }

    /// The coordinator has no time for that poll now.
    void patience(int number, int seconds, long nowNanos) {
        UnderWay poll = underWay.remove(number);
        if (poll == null) {
            return;
        }
        if (poll.speaks()) {
            spoken = 0;
        }
        question = 0;
        notBeforeNanos =
                nowNanos
                        + Duration.ofSeconds(Math.clamp(seconds, 1, PATIENCE_SECONDS_MAX))
                                .toNanos();
    }
}
