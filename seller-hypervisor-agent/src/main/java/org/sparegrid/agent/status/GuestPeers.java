// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.status;

import java.util.List;
import org.sparegrid.virtualethernet.report.Peer;

/// A guest on its network, and its peers there.
///
/// @param name its name on the network
/// @param receivedBytes what it got of its network's frames since this agent took it up
/// @param sentBytes what it sent
/// @param savedBytes what it exchanged directly where its end or the other has an open port, as
///   counted since then
public record GuestPeers(
        String lease,
        String network,
        String name,
        long receivedBytes,
        long sentBytes,
        long savedBytes,
        List<Peer> peers) {
    /// Copies the list.
    public GuestPeers {
        peers = List.copyOf(peers);
    }

    /// Those of all guests.
    public record All(List<GuestPeers> guests) {
        /// Copies the list.
        public All {
            guests = List.copyOf(guests);
        }
    }
}
