// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.api;

import java.nio.file.Path;
import java.time.Duration;

/// How the HTTPS port is to be served.
///
/// @param address the local address to listen on
/// @param port the TCP port, 0 for any
/// @param heartbeat how often each side of an agent session sends something
/// @param metricsToken what must be shown to see figures; if empty nobody sees them
/// @param addressRequests how many requests a second one address may make, 0 for any number
/// @param accountRequests how many one account may make, 0 for any number
/// @param cache a folder for files that are needed while it serves
public record EdgeSettings(
        String address,
        int port,
        Duration heartbeat,
        String metricsToken,
        int addressRequests,
        int accountRequests,
        Path cache) {
    @Override
    public String toString() {
        return "EdgeSettings[address=" + address + ", port=" + port + "]";
    }
}
