// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

import java.net.InetSocketAddress;
import java.util.Optional;

/// How packets to a peer travel now.
///
/// @param kind through what
/// @param endpoint the address in use; of a relayed path the session of the relay
/// @param roundTripNanos of the newest probe, negative if none was answered
/// @param why the reason in words
/// @param datagramBytes the longest datagram for the peer that the path carries whole, without what
///   a relay puts before it; 0 if unknown
public record PathStatus(
        Kind kind,
        Optional<InetSocketAddress> endpoint,
        long roundTripNanos,
        String why,
        int datagramBytes) {
    /// Through what packets travel.
    public enum Kind {
        /// From machine to machine.
        DIRECT,
        /// Through a relay.
        RELAYED,
        /// Not at all.
        NONE
    }

    static PathStatus direct(
            InetSocketAddress to, long roundTripNanos, String why, int datagramBytes) {
        return new PathStatus(Kind.DIRECT, Optional.of(to), roundTripNanos, why, datagramBytes);
    }

    static PathStatus relayed(
            InetSocketAddress session, long roundTripNanos, String why, int datagramBytes) {
        return new PathStatus(
                Kind.RELAYED, Optional.of(session), roundTripNanos, why, datagramBytes);
    }

    static PathStatus none(String why) {
        return new PathStatus(Kind.NONE, Optional.empty(), -1, why, 0);
    }
}
