// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.api;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.sparegrid.coordinator.session.AgentSession;
import org.sparegrid.coordinator.session.SessionException;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.control.CoordinatorMessage;

/// One agent's session and the connection that carries it now, guarded by its lock.
final class AgentLine {
    private final Supplier<String> newSession;
    private AgentSession session;
    private @Nullable AgentConnection current;

    AgentLine(Supplier<String> newSession) {
        this.newSession = newSession;
        this.session = new AgentSession(newSession.get());
    }

    /// How a connection took the session over.
    ///
    /// @param session the session's name
    /// @param resumed whether it is the one the agent named
    /// @param received what was received in it
    /// @param again what must be sent again
    /// @param replaced the connection that carried it before
    record Opening(
            String session,
            boolean resumed,
            long received,
            List<CoordinatorFrame.Message> again,
            Optional<AgentConnection> replaced) {}

    /// Lets a connection carry the session from now on.
    synchronized Opening open(AgentConnection connection, AgentFrame.Hello hello) {
        Optional<AgentConnection> replaced = Optional.ofNullable(current);
        boolean resumed = resume(hello);
        if (!resumed) {
            session = new AgentSession(newSession.get());
        }
        current = connection;
        return new Opening(
                session.id(), resumed, session.received(), session.unacknowledged(), replaced);
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

    /// Queues a message and hands it to the connection, if there is one.
    synchronized void send(CoordinatorMessage body, Consumer<CoordinatorFrame> wire) {
        wire.accept(session.queue(body));
    }

    /// Whether that connection still carries the session.
    synchronized boolean isCarriedBy(AgentConnection connection) {
        return current == connection;
    }

    /// The connection is gone.
    ///
    /// @return whether it carried the session until now
    synchronized boolean leave(AgentConnection connection) {
        boolean carried = current == connection;
        if (carried) {
            current = null;
        }
        return carried;
    }

    synchronized void acknowledged(long upTo) throws SessionException {
        session.acknowledged(upTo);
    }

    synchronized boolean isNext(long sequence) throws SessionException {
        return session.isNext(sequence);
    }

    /// The agent's next message has taken effect.
    ///
    /// @return the number up to which all have
    synchronized long took() {
        session.took();
        return session.received();
    }

    synchronized long received() {
        return session.received();
    }
}
