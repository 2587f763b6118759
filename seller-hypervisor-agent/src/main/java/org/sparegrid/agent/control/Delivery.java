// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.control;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.AgentMessage;

/// The agent's end of a session: numbers what it sends and keeps it until it was received.
///
/// Source: docs/protocol/agent-session.md, delivery. Belongs to one thread.
final class Delivery {
    /// How many messages are kept while the coordinator is away; beyond it the session is given up.
    static final int PENDING_MAX = 10_000;

    /// How many bytes of consoles are kept: a guest may write faster than any line carries.
    static final long PENDING_BYTES_MAX = 32L << 20;

    private final Deque<Pending> pending = new ArrayDeque<>();
    private String session = "";
    private long pendingBytes;
    private long sent;
    private long received;

    private record Pending(long sequence, AgentMessage message, Runnable acknowledged) {}

    /// The session, or empty.
    String session() {
        return session;
    }

    /// The highest number received.
    long received() {
        return received;
    }

    /// How many messages wait to be received.
    int pending() {
        return pending.size();
    }

    /// The number of the last message, 0 if all were received.
    long last() {
        return pending.isEmpty() ? 0 : pending.getLast().sequence();
    }

    /// Takes a message and returns its frame.
    AgentFrame.Message send(AgentMessage message, Runnable acknowledged) {
        int lengthBytes = lengthBytes(message);
        if (pending.size() >= PENDING_MAX || pendingBytes + lengthBytes > PENDING_BYTES_MAX) {
            forget();
        }
        pendingBytes += lengthBytes;
        sent++;
        pending.addLast(new Pending(sent, message, acknowledged));
        return new AgentFrame.Message(sent, received, message);
    }

    /// Notes that the coordinator has everything up to `sequence`.
    ///
    /// @return what was waiting for that
    /// @throws IllegalArgumentException if it can't have that
    List<Runnable> acknowledged(long sequence) {
        if (sequence > sent) {
            throw new IllegalArgumentException(
                    "acknowledged " + sequence + ", but only " + sent + " were sent");
        }
        List<Runnable> told = new ArrayList<>();
        while (!pending.isEmpty() && pending.getFirst().sequence() <= sequence) {
            Pending first = pending.removeFirst();
            pendingBytes -= lengthBytes(first.message());
            told.add(first.acknowledged());
        }
        return told;
    }

    /// Whether a message is the next one, rather than one seen before.
    ///
    /// @throws IllegalArgumentException if one is missing before it
    boolean isNext(long sequence, long seen) {
        if (sequence > seen + 1) {
            throw new IllegalArgumentException(
                    "expected message " + (seen + 1) + ", got " + sequence);
        }
        return sequence == seen + 1;
    }

    /// Notes that the message with this number took effect.
    void took(long sequence) {
        received = Math.max(received, sequence);
    }

    /// Goes on with the session after a new connection.
    ///
    /// @return what must be sent again
    List<AgentFrame.Message> resumed() {
        return unacknowledged(PENDING_MAX);
    }

    /// The oldest messages that were not received, in order.
    List<AgentFrame.Message> unacknowledged(int most) {
        return pending.stream()
                .limit(most)
                .map(each -> new AgentFrame.Message(each.sequence(), received, each.message()))
                .toList();
    }

    /// Begins a new session.
    void begun(String newSession) {
        forget();
        session = newSession;
    }

    private static int lengthBytes(AgentMessage message) {
        return message instanceof AgentMessage.ConsoleOutput console ? console.bytes().length() : 0;
    }

    private void forget() {
        pending.clear();
        pendingBytes = 0;
        session = "";
        sent = 0;
        received = 0;
    }
}
