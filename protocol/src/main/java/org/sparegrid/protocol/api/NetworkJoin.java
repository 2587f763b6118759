// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import java.util.List;

/// A computer of the buyer joins a network, or renews what it said of itself.
///
/// @param name its host name, a DNS label
/// @param publicKey the attachment's WireGuard key, 32 bytes in base64, made where it is used
/// @param endpoints where its UDP port may be reached
public record NetworkJoin(String name, String publicKey, List<String> endpoints) {
    public NetworkJoin {
        endpoints = List.copyOf(endpoints);
    }
}
