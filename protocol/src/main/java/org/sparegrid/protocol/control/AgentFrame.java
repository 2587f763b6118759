// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.control;

/// What one WebSocket message from an agent holds.
///
/// See docs/protocol/agent-session.md.
public sealed interface AgentFrame {
    /// Opens a session or takes one up again.
    ///
    /// @param version the agent's {@link org.sparegrid.protocol.ProtocolVersion#AGENT_SESSION}
    /// @param session the session to take up again, or empty
    /// @param received the highest sequence number received in it
    record Hello(int version, String session, long received) implements AgentFrame {}

    /// A message of the session.
    ///
    /// @param sequence its number, from 1, without gaps
    /// @param received the highest number received from the coordinator
    record Message(long sequence, long received, AgentMessage body) implements AgentFrame {}

    /// Acknowledges without a message of its own.
    record Acknowledge(long received) implements AgentFrame {}
}
