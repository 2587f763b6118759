// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.session;

import java.net.InetSocketAddress;
import java.util.Optional;

/// What is known of a peer at one moment; times are of the steady clock.
///
/// @param endpoint the authenticated address in use
/// @param handshakeNanos when the newest session began
/// @param roundTripNanos how long the newest initiation waited for its response
/// @param receivedBytes bytes of authenticated datagrams
/// @param sentBytes bytes of datagrams sent
/// @param handshakes sessions that were made so far
public record PeerState(
        Optional<InetSocketAddress> endpoint,
        Optional<Long> handshakeNanos,
        Optional<Long> roundTripNanos,
        long receivedBytes,
        long sentBytes,
        long handshakes) {}
