// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.control;

/// Opens the body of a request by which an agent polls. {@link AgentFrame}s follow it.
///
/// See docs/protocol/agent-session.md, section "Polling".
///
/// @param line the line that the coordinator gave, or 0 to ask for one
/// @param seen the highest number up to which all of the coordinator's messages have arrived; it
///   sends those after it
/// @param echo the question of the last answer if this follows it at once, else 0
/// @param holdMillis how long the coordinator may wait for something to say, 0 to {@value
///   #HOLD_MILLIS_MAX}
/// @param leaving whether the agent goes away with this
public record AgentPoll(long line, long seen, long echo, int holdMillis, boolean leaving) {
    /// Where agents poll.
    public static final String PATH = "/v1/agent/poll";

    /// What the bodies of requests and answers are.
    public static final String CONTENT_TYPE = "application/vnd.sparegrid.frames";

    /// No request is held for longer: what stands between often gives up after 60 s.
    public static final int HOLD_MILLIS_MAX = 50_000;

    /// Checks the numbers.
    public AgentPoll {
        if (seen < 0) {
            throw new IllegalArgumentException("poll: expected seen of 0 or more, got " + seen);
        }
        if (holdMillis < 0 || holdMillis > HOLD_MILLIS_MAX) {
            throw new IllegalArgumentException(
                    "poll: expected holdMillis of 0 to " + HOLD_MILLIS_MAX + ", got " + holdMillis);
        }
    }
}
