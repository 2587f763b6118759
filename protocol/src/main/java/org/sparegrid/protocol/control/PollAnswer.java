// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.control;

/// Opens the body of the answer to an agent's poll. {@link CoordinatorFrame}s follow it.
///
/// See docs/protocol/agent-session.md, section "Polling".
///
/// @param line the line that it is about; the one to use if the agent asked for one
/// @param question a random number for {@link AgentPoll#echo}, by which the coordinator measures
///   the round trip
public record PollAnswer(long line, long question) {}
