// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.network;

import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Optional;

/// A relay that members of a network may use.
///
/// @param endpoint its UDP address
/// @param publicKey the key by which it proves that it is the one
/// @param stream where it also takes a WebSocket, for machines that UDP does not reach; it may be
///   relative to what the process was told
public record RelaySpec(InetSocketAddress endpoint, PublicKey publicKey, Optional<URI> stream) {
    public RelaySpec {
        if (endpoint.isUnresolved() || endpoint.getPort() == 0) {
            throw new IllegalArgumentException(
                    "relay: expected an address and a port, got " + endpoint);
        }
    }

    /// A relay that is reached by UDP only.
    public RelaySpec(InetSocketAddress endpoint, PublicKey publicKey) {
        this(endpoint, publicKey, Optional.empty());
    }
}
