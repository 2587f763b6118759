// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import java.util.List;

/// What a member of a network has exchanged with others.
///
/// Its counts begin at zero each time it attaches, and never decrease until then.
///
/// @param since which of its attachments this is: a number that is higher each time
/// @param peers what was exchanged with whom, at most [#PEERS_MAX]; who is left out has the count
///   of before
public record TrafficReport(long since, List<PeerTraffic> peers) {
    /// All machines of an order but one, and as many computers of its buyer.
    public static final int PEERS_MAX = 512;

    public TrafficReport {
        peers = List.copyOf(peers);
        if (since < 0) {
            throw new IllegalArgumentException("traffic: expected a 'since' of 0 or more");
        }
        if (peers.size() > PEERS_MAX) {
            throw new IllegalArgumentException(
                    "traffic: expected at most " + PEERS_MAX + " peers, got " + peers.size());
        }
    }
}
