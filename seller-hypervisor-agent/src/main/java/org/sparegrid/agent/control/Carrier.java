// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.control;

import io.vertx.core.Future;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.CoordinatorFrame;

/// What carries frames to the coordinator and back. It belongs to one event loop, on which all its
/// events come.
interface Carrier {
    /// The two kinds.
    enum Kind {
        WEBSOCKET,
        POLLS
    }

    /// What happens on it.
    interface Events {
        /// It can be written to.
        void opened(Carrier carrier);

        /// The coordinator said that.
        ///
        /// @throws IllegalArgumentException if it must not; the carrier then closes
        void heard(CoordinatorFrame frame);

        /// It is closed, or could not be opened. Nothing follows.
        void lost(Loss loss);
    }

    /// How it came to an end.
    ///
    /// @param why for people
    /// @param suspicious whether it looks as if something on the way ended it: neither the
    ///   coordinator did, nor was it out of reach
    record Loss(String why, boolean suspicious) {}

    /// Sends a frame, now or with what is sent next. A carrier of polls may be told of a message by
    /// any frame; it takes them from the session.
    void write(AgentFrame frame);

    /// Ends it; [Events#lost] follows, with that.
    void close(Loss loss);

    /// Ends it without a word, as something else carries the session.
    void abandon();

    /// Tells the coordinator that the agent goes away; nothing is heard after it.
    Future<Void> leave();
}
