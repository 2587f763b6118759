// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.network;

import java.net.InetSocketAddress;

/// A relay that members of a network may use.
///
/// @param endpoint its UDP address
/// @param publicKey the key by which it proves that it is the one
public record RelaySpec(InetSocketAddress endpoint, PublicKey publicKey) {
    public RelaySpec {
        if (endpoint.isUnresolved() || endpoint.getPort() == 0) {
            throw new IllegalArgumentException(
                    "relay: expected an address and a port, got " + endpoint);
        }
    }
}
