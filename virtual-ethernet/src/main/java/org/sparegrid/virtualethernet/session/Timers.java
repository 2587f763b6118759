// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.session;

import java.time.Duration;

/// The constants of the WireGuard protocol. Only tests use others than [#STANDARD].
///
/// @param rekeyAfter age at which the initiator of a session begins a new one
/// @param rejectAfter age at which a session is no longer used at all
/// @param attemptFor how long a handshake is tried before waiting packets are given up
/// @param retryAfter pause between two initiations to one peer
/// @param keepaliveAfter how long data may stay unanswered before an empty packet answers it
/// @param cookieLife how long a cookie is good
/// @param rekeyAfterMessages packets after which the initiator begins a new session
/// @param rejectAfterMessages packets after which a session is no longer used at all
/// @param handshakesPerSecondMax handshakes beyond which a port is under load and asks for cookies
public record Timers(
        Duration rekeyAfter,
        Duration rejectAfter,
        Duration attemptFor,
        Duration retryAfter,
        Duration keepaliveAfter,
        Duration cookieLife,
        long rekeyAfterMessages,
        long rejectAfterMessages,
        int handshakesPerSecondMax) {
    /// As in the WireGuard white paper, section 6.1. A handshake costs about 0.6 ms, so that 200 in
    /// a second are an eighth of a core.
    public static final Timers STANDARD =
            new Timers(
                    Duration.ofSeconds(120),
                    Duration.ofSeconds(180),
                    Duration.ofSeconds(90),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(120),
                    1L << 60,
                    Long.MAX_VALUE - (1L << 13),
                    200);
}
