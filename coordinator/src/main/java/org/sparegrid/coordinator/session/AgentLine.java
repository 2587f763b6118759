// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.session;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.sparegrid.coordinator.operation.Operations;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.control.CoordinatorMessage;

/// One agent's session and what carries it now, guarded by its lock.
///
/// Source: docs/protocol/agent-session.md, section "Delivery".
public final class AgentLine {
    private final Supplier<String> newSession;

    /// Held while a message takes effect, which may take long; its lock is not.
    private final ReentrantLock effects = new ReentrantLock();

    private AgentSession session;
    private @Nullable Carrier current;

    /// The number of a line over which the agent may poll and does not yet, or 0.
    private long offered;

    /// A line with a session in which nothing was said yet.
    ///
    /// @param newSession names sessions
    public AgentLine(Supplier<String> newSession) {
        this.newSession = newSession;
        this.session = new AgentSession(newSession.get());
    }

    /// What carries a session: a WebSocket, or requests that follow each other.
    public interface Carrier extends Operations.AgentLink {
        /// Another one carries the session from now on.
        void replaced();
    }

    /// What a message does.
    public interface Effect {
        /// When this returns the effect is durable.
        void take() throws RefusedException;
    }

    /// How a carrier took the session over.
    ///
    /// @param session the session's name
    /// @param resumed whether it is the one the agent named
    /// @param received what was received in it
    /// @param again what must be sent again
    /// @param replaced what carried it before
    public record Opening(
            String session,
            boolean resumed,
            long received,
            List<CoordinatorFrame.Message> again,
            Optional<Carrier> replaced) {}

    /// Lets it carry the session from now on.
    public synchronized Opening open(Carrier carrier, AgentFrame.Hello hello) {
        Optional<Carrier> replaced = Optional.ofNullable(current);
        boolean resumed = resume(hello);
        if (!resumed) {
            session = new AgentSession(newSession.get());
        }
        current = carrier;
        offered = 0;
        return new Opening(
                session.id(), resumed, session.received(), session.unacknowledged(), replaced);
    }

    /// The number of a line over which the agent may poll, until the session is opened otherwise.
    /// Whoever asks again before it is used gets the same.
    ///
    /// @param numbers makes one up that nobody can guess
    public synchronized long offer(LongSupplier numbers) {
        while (offered == 0) {
            offered = numbers.getAsLong();
        }
        return offered;
    }

    /// Whether that number was offered and not used so far.
    synchronized boolean isOffered(long number) {
        return number != 0 && number == offered;
    }

    /// What carries the session by polls on the line of that number, if that still carries it.
    public synchronized Optional<PolledCarrier> polled(long number) {
        return current instanceof PolledCarrier polled && polled.number() == number
                ? Optional.of(polled)
                : Optional.empty();
    }

    private boolean resume(AgentFrame.Hello hello) {
        if (!session.id().equals(hello.session()) || session.isOverfull()) {
            return false;
        }
        try {
            session.acknowledged(hello.received());
            return true;
        } catch (SessionException confused) {
            return false;
        }
    }

    /// Queues a message and hands it to the carrier, if there is one.
    public synchronized void send(CoordinatorMessage body, Consumer<CoordinatorFrame> wire) {
        wire.accept(session.queue(body));
    }

    /// What the agent has not acknowledged of what comes after that number, oldest first.
    synchronized List<CoordinatorFrame.Message> after(long sequence, int most) {
        return session.after(sequence, most);
    }

    /// Whether more waits for the agent than is kept.
    public synchronized boolean isOverfull() {
        return session.isOverfull();
    }

    /// Whether that still carries the session.
    public synchronized boolean isCarriedBy(Carrier carrier) {
        return carrier.equals(current);
    }

    /// The carrier is gone.
    ///
    /// @return whether it carried the session until now
    public synchronized boolean leave(Carrier carrier) {
        boolean carried = carrier.equals(current);
        if (carried) {
            current = null;
        }
        return carried;
    }

    /// The agent has everything up to that number.
    ///
    /// @throws SessionException if it claims to have what was never sent
    public synchronized void acknowledged(long upTo) throws SessionException {
        session.acknowledged(upTo);
    }

    /// Lets a message of the agent take effect, unless it has or its carrier was replaced. A
    /// message that is under way over one carrier while another brings it again takes effect once,
    /// and one that ends in a session that was given up meanwhile counts in none.
    ///
    /// @return whether it took effect
    /// @throws SessionException if messages before it are missing
    public boolean take(Carrier by, long sequence, Effect effect)
            throws SessionException, RefusedException {
        effects.lock();
        try {
            AgentSession of;
            synchronized (this) {
                if (!by.equals(current) || !session.isNext(sequence)) {
                    return false;
                }
                of = session;
            }
            effect.take();
            synchronized (this) {
                of.took();
            }
            return true;
        } finally {
            effects.unlock();
        }
    }

    /// The number up to which all messages of the agent have taken effect.
    public synchronized long received() {
        return session.received();
    }
}
