// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.bridge;

import java.util.List;
import org.sparegrid.virtualethernet.report.Peer;

/// All other members of a network, as its daemon knows them.
///
/// @param bridge whether frames pass to a LAN: `none`, `listening`, `forwarding`, `standby`
///   (another gateway does it) or `loop`
/// @param relayedBytes what this computer has relayed between the others, -1 if it does not
/// @param savedBytes what it exchanged directly with those whose UDP ports are open
public record Peers(
        String network,
        String hostName,
        String address,
        String mode,
        String bridge,
        long relayedBytes,
        long savedBytes,
        List<Peer> peers) {
    public Peers {
        peers = List.copyOf(peers);
    }
}
