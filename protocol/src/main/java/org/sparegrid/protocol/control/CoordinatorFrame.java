// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.control;

/// What one WebSocket message from the coordinator holds.
///
/// See docs/protocol/agent-session.md.
public sealed interface CoordinatorFrame {
    /// Answers `Hello`.
    ///
    /// @param session the session from now on
    /// @param resumed whether it is the one the agent named; if not, both sides forget what they
    ///   had not delivered and the agent sends its `Inventory`
    /// @param received the highest sequence number received in it
    /// @param heartbeatSeconds how often each side sends something
    record Welcome(String session, boolean resumed, long received, int heartbeatSeconds)
            implements CoordinatorFrame {}

    /// A message of the session.
    ///
    /// @param sequence its number, from 1, without gaps
    /// @param received the highest number received from the agent
    record Message(long sequence, long received, CoordinatorMessage body)
            implements CoordinatorFrame {}

    /// Acknowledges without a message of its own. A reading is billable once it was acknowledged.
    record Acknowledge(long received) implements CoordinatorFrame {}

    /// The coordinator will not talk to this agent.
    record Refused(String why) implements CoordinatorFrame {}
}
