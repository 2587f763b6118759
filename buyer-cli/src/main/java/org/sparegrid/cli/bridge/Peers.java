// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.bridge;

import java.util.List;

/// All other members of a network, as its daemon knows them.
public record Peers(
        String network, String hostName, String address, String mode, List<Peer> peers) {
    public Peers {
        peers = List.copyOf(peers);
    }
}
