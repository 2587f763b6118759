// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/// Chooses the UDP addresses for the packets to one peer. Pure; belongs to the peer's thread.
///
/// Data goes only to an address from which the peer has sent an authenticated packet, so that
/// nobody's word alone can aim traffic at a third party.
public interface PeerPath {
    /// Replaces the addresses that may reach the peer, best first.
    void offer(List<InetSocketAddress> candidates);

    /// Where to send the handshake initiation of this attempt, 0 being the first.
    List<InetSocketAddress> handshakeTargets(int attempt);

    /// Where to send data; empty until an address has authenticated itself. Asking means that there
    /// is something to send, for which a better way is worth looking for.
    Optional<InetSocketAddress> dataTarget();

    /// Where data would go, asked by someone who has none.
    Optional<InetSocketAddress> inUse();

    /// The peer has proved to be at `from`.
    void authenticated(InetSocketAddress from);
}
