// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.bridge;

import java.util.List;

/// Where the network daemon has looked for a direct path to a member.
///
/// @param peer what it knows of the member
/// @param tried the addresses
public record Trace(Peer peer, List<Tried> tried) {
    public Trace {
        tried = List.copyOf(tried);
    }

    /// One address.
    ///
    /// @param used whether packets go there now
    /// @param answers whether it has answered lately
    /// @param unanswered pings since the newest answer
    /// @param roundTripMicros of its answers, or -1 if there was none
    public record Tried(
            String address, boolean used, boolean answers, int unanswered, long roundTripMicros) {}
}
