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
public record PathStatus(
        Kind kind, Optional<InetSocketAddress> endpoint, long roundTripNanos, String why) {
    /// Through what packets travel.
    public enum Kind {
        /// From machine to machine.
        DIRECT,
        /// Through a relay.
        RELAYED,
        /// Not at all.
        NONE
    }
}
