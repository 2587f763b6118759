// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.portmapping;

import java.net.InetSocketAddress;
import java.time.Duration;

/// A UDP port that the router leads to this computer.
///
/// @param external where the world reaches it
/// @param lifetime how long the router keeps it unless it is asked again
public record PortMapping(InetSocketAddress external, Duration lifetime) {
    /// Checks the lifetime.
    public PortMapping {
        if (!lifetime.isPositive()) {
            throw new IllegalArgumentException("lifetime: expected more than 0, got " + lifetime);
        }
    }
}
