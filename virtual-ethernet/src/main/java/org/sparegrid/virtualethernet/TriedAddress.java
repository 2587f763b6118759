// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import org.sparegrid.virtualethernet.path.PathTrial;

/// An address at which a peer was looked for.
///
/// @param address of the machine, or of a NAT before it
/// @param used whether packets go there now
/// @param answers whether it has answered lately
/// @param unanswered pings since the newest answer
/// @param roundTrip usual time of an answer, if there was one
public record TriedAddress(
        InetSocketAddress address,
        boolean used,
        boolean answers,
        int unanswered,
        Optional<Duration> roundTrip) {
    static TriedAddress of(PathTrial trial) {
        return new TriedAddress(
                trial.address(),
                trial.used(),
                trial.answers(),
                trial.unanswered(),
                trial.roundTripNanos() < 0
                        ? Optional.empty()
                        : Optional.of(Duration.ofNanos(trial.roundTripNanos())));
    }
}
