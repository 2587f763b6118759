// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.control;

import java.util.List;

/// The members that a trusted machine may talk with, as its buyer decided and sealed it.
///
/// @param version rises with every change; an older one is not taken
/// @param peers at most 1,024
public record TrustPeers(long version, List<Peer> peers) {
    private static final int PEERS_MAX = 1024;

    public TrustPeers {
        peers = List.copyOf(peers);
        if (peers.size() > PEERS_MAX) {
            throw new IllegalArgumentException("peers: expected at most " + PEERS_MAX);
        }
    }

    /// A member and the secret that the two of them share.
    ///
    /// @param publicKey its WireGuard key, 32 bytes in base64
    /// @param presharedKey 32 bytes
    public record Peer(String publicKey, Blob presharedKey) {}
}
