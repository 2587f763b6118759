// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.bridge;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.sparegrid.virtualethernet.PeerStatus;

/// How long the coordinator has been silent, and what to do about it. Used by one thread.
final class Outage {
    private static final System.Logger LOG = System.getLogger(Outage.class.getName());
    private static final Duration PAUSE_STEP = Duration.ofSeconds(2);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(30);

    /// Without its coordinator a network goes on, but not for good: the order may be long over.
    private static final Duration ALONE_MAX = Duration.ofHours(24);

    private static final Duration PEER_SILENT_MAX = Duration.ofHours(1);

    private final Clock clock;
    private Instant heard;
    private Duration pause = Duration.ZERO;

    Outage(Clock clock) {
        this.clock = clock;
        this.heard = clock.instant();
    }

    void answered() {
        if (pause.isPositive()) {
            LOG.log(System.Logger.Level.INFO, "the coordinator answers again");
        }
        heard = clock.instant();
        pause = Duration.ZERO;
    }

    /// Tells of the first failure in a row.
    ///
    /// @return how long to wait before the next try
    Duration failed(Exception cause) {
        if (pause.isZero()) {
            LOG.log(System.Logger.Level.WARNING, "network view failed", cause);
        }
        Duration longer = pause.plus(PAUSE_STEP);
        pause = longer.compareTo(PAUSE_MAX) < 0 ? longer : PAUSE_MAX;
        return pause;
    }

    /// Whether there is nobody left to wait for.
    boolean isForGood(List<PeerStatus> peers) {
        Instant now = clock.instant();
        boolean forGood =
                Duration.between(heard, now).compareTo(ALONE_MAX) > 0
                        && peers.stream()
                                .flatMap(peer -> peer.lastHandshake().stream())
                                .noneMatch(at -> at.plus(PEER_SILENT_MAX).isAfter(now));
        if (forGood) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    () -> "no machine answers, and the coordinator not since=" + heard);
        }
        return forGood;
    }
}
