// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.AgentPoll;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.json.PollBody;

/// A session over the requests of an agent that can't have a WebSocket.
///
/// A poll says all that the agent has not been told to have arrived, and its answer all that has
/// not arrived there. So each stands for itself: lost, repeated and late ones do no harm. At most
/// one poll waits for something to say. Guarded by the lock of the agent's line.
///
/// Source: docs/protocol/agent-session.md, section "Polling".
public final class PolledCarrier implements AgentLine.Carrier {
    /// A round trip that took longer was no fault of the network.
    private static final long ROUND_TRIP_MAX_NANOS = 10_000_000_000L;

    private final AgentLine line;
    private final long number;
    private final AgentFrame.Hello hello;
    private final AgentLine.Opening opening;
    private volatile String address;
    private @Nullable Held held;
    private long heardNanos;

    /// What was last asked and when; 0 if nothing was.
    private long question;

    private long askedNanos;

    /// The way back to one poll. It must not wait.
    public interface Reply {
        /// Answers with these frames and that question.
        void say(List<CoordinatorFrame> frames, long question);

        /// Answers that the line is over.
        void over();
    }

    /// Does what a message of the agent says.
    public interface Effects {
        /// When this returns the effect is durable.
        void received(AgentFrame.Message message) throws RefusedException;
    }

    /// Who opened a line.
    ///
    /// @param carrier what carries the session now
    /// @param fresh whether it did not before
    public record Opened(PolledCarrier carrier, boolean fresh) {}

    /// A poll that waits for something to say.
    private record Held(long seen, Reply reply) {}

    private PolledCarrier(
            AgentLine line, long number, AgentFrame.Hello hello, String address, long nowNanos) {
        this.line = line;
        this.number = number;
        this.hello = hello;
        this.address = address;
        this.heardNanos = nowNanos;
        this.opening = line.open(this, hello);
    }

    /// Opens the line of a number that was offered. The same greeting again finds it open; a late
    /// one, whose number was replaced or used, opens nothing.
    ///
    /// @return empty if the line is over
    public static Optional<Opened> open(
            AgentLine line, long number, AgentFrame.Hello hello, String address, long nowNanos) {
        synchronized (line) {
            Optional<PolledCarrier> open = line.polled(number);
            if (open.isPresent()) {
                return open.filter(carrier -> carrier.hello.equals(hello))
                        .map(carrier -> new Opened(carrier, false));
            }
            return line.isOffered(number)
                    ? Optional.of(
                            new Opened(
                                    new PolledCarrier(line, number, hello, address, nowNanos),
                                    true))
                    : Optional.empty();
        }
    }

    /// How it took the session over.
    public AgentLine.Opening opening() {
        return opening;
    }

    long number() {
        return number;
    }

    /// A poll arrived: takes what it says, and answers it at once if there is something to say or
    /// it is not to be held. An older poll that was held is answered when another is held.
    ///
    /// @param from the agent's IP address
    /// @param questions makes up questions
    /// @return whether it is held; then [#expire] must be called in time
    /// @throws SessionException if the agent breaks the protocol
    public boolean polled(
            PollBody<AgentPoll, AgentFrame> poll,
            String from,
            long nowNanos,
            Effects effects,
            LongSupplier questions,
            Reply reply)
            throws SessionException, RefusedException {
        if (heard(from, nowNanos)) {
            boolean spoke = false;
            for (AgentFrame frame : poll.frames()) {
                spoke |= take(frame, effects);
            }
            return answer(poll.head(), spoke, nowNanos, questions, reply);
        }
        reply.over();
        return false;
    }

    private boolean heard(String from, long nowNanos) {
        synchronized (line) {
            heardNanos = nowNanos;
            address = from;
            return line.isCarriedBy(this);
        }
    }

    private boolean take(AgentFrame frame, Effects effects)
            throws SessionException, RefusedException {
        return switch (frame) {
            case AgentFrame.Hello _ -> throw new SessionException("session: unexpected Hello");
            case AgentFrame.Acknowledge(long received) -> {
                acknowledged(received);
                yield false;
            }
            case AgentFrame.Message message -> {
                acknowledged(message.received());
                line.take(this, message.sequence(), () -> effects.received(message));
                yield true;
            }
        };
    }

    private void acknowledged(long received) throws SessionException {
        synchronized (line) {
            if (line.isCarriedBy(this)) {
                line.acknowledged(received);
            }
        }
    }

    private boolean answer(
            AgentPoll head, boolean spoke, long nowNanos, LongSupplier questions, Reply reply) {
        synchronized (line) {
            if (!line.isCarriedBy(this)) {
                reply.over();
                return false;
            }
            List<CoordinatorFrame> frames = frames(head.seen());
            if (spoke || head.holdMillis() == 0 || frames.size() > 1) {
                say(reply, frames, head.holdMillis() > 0 ? questions.getAsLong() : 0, nowNanos);
                return false;
            }
            return hold(new Held(head.seen(), reply));
        }
    }

    private boolean hold(Held poll) {
        Held older = held;
        held = poll;
        if (older != null) {
            older.reply().say(frames(older.seen()), 0);
        }
        return true;
    }

    /// What it acknowledges, and what the agent has not.
    private List<CoordinatorFrame> frames(long seen) {
        List<CoordinatorFrame> frames = new ArrayList<>();
        frames.add(new CoordinatorFrame.Acknowledge(line.received()));
        frames.addAll(line.after(seen, PollBody.FRAMES_MAX - 1));
        return frames;
    }

    private void say(Reply reply, List<CoordinatorFrame> frames, long asked, long nowNanos) {
        if (asked != 0) {
            question = asked;
            askedNanos = nowNanos;
        }
        reply.say(frames, asked);
    }

    /// The time that the agent took to answer the last question, if this does.
    ///
    /// @return in nanoseconds
    public Optional<Long> roundTrip(long echo, long nowNanos) {
        synchronized (line) {
            if (echo == 0 || echo != question) {
                return Optional.empty();
            }
            question = 0;
            long nanos = nowNanos - askedNanos;
            return nanos <= ROUND_TRIP_MAX_NANOS ? Optional.of(nanos) : Optional.empty();
        }
    }

    /// The time for which a poll was to be held is over: answers it if it still is.
    public void expire(Reply reply, long nowNanos, LongSupplier questions) {
        synchronized (line) {
            Held poll = held;
            if (poll != null && poll.reply().equals(reply)) {
                held = null;
                say(reply, frames(poll.seen()), questions.getAsLong(), nowNanos);
            }
        }
    }

    /// Whoever made that poll does not wait for it any more.
    public void forget(Reply reply) {
        synchronized (line) {
            if (held != null && held.reply().equals(reply)) {
                held = null;
            }
        }
    }

    @Override
    public void send(CoordinatorMessage message) {
        synchronized (line) {
            line.send(message, numbered -> {});
            Held poll = held;
            if (poll != null) {
                held = null;
                poll.reply().say(frames(poll.seen()), 0);
            }
        }
    }

    @Override
    public String address() {
        return address;
    }

    @Override
    public boolean isPolled() {
        return true;
    }

    @Override
    public void replaced() {
        over();
    }

    /// Whether nothing came for so long, or more waits for the agent than is kept.
    public boolean isDead(long nowNanos, long silenceNanosMax) {
        synchronized (line) {
            return nowNanos - heardNanos > silenceNanosMax || line.isOverfull();
        }
    }

    /// Whether something else carries the session.
    public boolean isOver() {
        return !line.isCarriedBy(this);
    }

    /// Ends the line.
    ///
    /// @return whether it carried the session until now
    public boolean end() {
        synchronized (line) {
            boolean carried = line.leave(this);
            over();
            return carried;
        }
    }

    private void over() {
        synchronized (line) {
            Held poll = held;
            if (poll != null) {
                held = null;
                poll.reply().over();
            }
        }
    }
}
