// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.session;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.control.CoordinatorMessage;

/// What both sides of one agent's session have sent and received.
///
/// It outlives connections. It isn't safe for use by several threads; its owner locks it.
///
/// Source: docs/protocol/agent-session.md, section "Delivery".
public final class AgentSession {
    /// How many messages are kept for an agent that is away; with more its session is dropped.
    public static final int OUTBOX_MAX = 10_000;

    private final String id;
    private final Deque<CoordinatorFrame.Message> outbox = new ArrayDeque<>();
    private long sent;
    private long received;

    /// A session in which nothing was sent yet.
    public AgentSession(String id) {
        this.id = id;
    }

    public String id() {
        return id;
    }

    /// The number up to which the agent's messages have taken effect.
    public long received() {
        return received;
    }

    /// Whether the agent was away for too long to be told all it missed.
    public boolean isOverfull() {
        return outbox.size() > OUTBOX_MAX;
    }

    /// Numbers a message and keeps it until it is acknowledged.
    public CoordinatorFrame.Message queue(CoordinatorMessage body) {
        CoordinatorFrame.Message message = new CoordinatorFrame.Message(++sent, received, body);
        outbox.add(message);
        return message;
    }

    /// Forgets the messages that the agent has.
    ///
    /// @throws SessionException if the agent claims to have what was never sent
    public void acknowledged(long upTo) throws SessionException {
        if (upTo > sent) {
            throw new SessionException(
                    "session: expected at most " + sent + " acknowledged, got " + upTo);
        }
        while (!outbox.isEmpty() && outbox.peekFirst().sequence() <= upTo) {
            outbox.removeFirst();
        }
    }

    /// Whether a message of the agent is the next one; false if it was seen before.
    ///
    /// @throws SessionException if messages before it are missing
    public boolean isNext(long sequence) throws SessionException {
        if (sequence > received + 1) {
            throw new SessionException(
                    "session: expected message " + (received + 1) + ", got " + sequence);
        }
        return sequence == received + 1;
    }

    /// The agent's next message has taken effect.
    public void took() {
        received++;
    }

    /// The oldest messages after that number that the agent has not acknowledged, in order.
    public List<CoordinatorFrame.Message> after(long sequence, int most) {
        return outbox.stream()
                .dropWhile(message -> message.sequence() <= sequence)
                .limit(most)
                .toList();
    }

    /// What the agent has not acknowledged, oldest first.
    public List<CoordinatorFrame.Message> unacknowledged() {
        return List.copyOf(outbox);
    }
}
