// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

import java.time.Duration;
import java.util.List;

/// When a path does what.
///
/// @param heartbeat how often the address in use is pinged while there is traffic
/// @param trust how long an address is used after its last answer: two heartbeats may be lost
/// @param pingTimeout how long an answer is waited for
/// @param idleAfter silence after which nothing is pinged any more
/// @param pings when a round's pings leave, after its beginning
/// @param roundLasts how long a round waits for answers
/// @param pauses the pause after each fruitless round, the last one for all further rounds
/// @param upgradeEvery how often a path in use is compared with the others
public record PathTimers(
        Duration heartbeat,
        Duration trust,
        Duration pingTimeout,
        Duration idleAfter,
        List<Duration> pings,
        Duration roundLasts,
        List<Duration> pauses,
        Duration upgradeEvery) {
    /// The timers of docs/protocol/path-probe.md, section 3.
    public static final PathTimers STANDARD =
            new PathTimers(
                    Duration.ofSeconds(3),
                    Duration.ofMillis(6500),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(45),
                    List.of(
                            Duration.ZERO,
                            Duration.ofMillis(100),
                            Duration.ofMillis(200),
                            Duration.ofMillis(400),
                            Duration.ofMillis(800)),
                    Duration.ofSeconds(2),
                    List.of(Duration.ofSeconds(5), Duration.ofSeconds(15), Duration.ofSeconds(60)),
                    Duration.ofSeconds(60));

    public PathTimers {
        pings = List.copyOf(pings);
        pauses = List.copyOf(pauses);
        if (pings.isEmpty() || pauses.isEmpty()) {
            throw new IllegalArgumentException("path timers: expected pings and pauses");
        }
    }
}
