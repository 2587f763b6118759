// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.port;

import java.io.IOException;
import org.sparegrid.virtualethernet.system.Programs;

/// What is to be done with a TAP device when it is told its address.
public interface LinkSetup {
    /// Turns the device on in its place in this computer's network.
    void configure(String device, PortAddress address) throws IOException;

    /// Gives the device the address, so that this computer itself is on the shared Ethernet.
    static LinkSetup ofHost() {
        return (device, address) -> {
            Programs.run("ip", "link", "set", "dev", device, "down");
            Programs.run("ip", "link", "set", "dev", device, "address", address.mac().toString());
            Programs.run(
                    "ip", "link", "set", "dev", device, "mtu", Integer.toString(address.mtu()));
            Programs.run("ip", "addr", "flush", "dev", device);
            Programs.run("ip", "addr", "add", address.cidr(), "dev", device);
            Programs.run("ip", "link", "set", "dev", device, "up");
        };
    }
}
