// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import org.sparegrid.cli.bridge.GatewaySetup;
import picocli.CommandLine.Option;

/// The options that make this computer a gateway.
final class GatewayOptions {
    @Option(
            names = "--bridge",
            paramLabel = "IF",
            description = {
                "Put the network into the LAN of this network card or bridge. The DHCP of either",
                "side stays there."
            })
    private String bridge = "";

    @Option(
            names = "--even-default-route",
            description = "Bridge the card even if this computer reaches the internet by it.")
    private boolean evenDefaultRoute;

    @Option(
            names = "--lan-leases",
            description = "With --bridge: the LAN's DHCP server gives the machines addresses.")
    private boolean lanLeases;

    @Option(
            names = "--nat",
            description = {
                "Let the machines reach the internet through this computer, but neither this",
                "computer nor its LAN."
            })
    private boolean internet;

    GatewaySetup setup() {
        return new GatewaySetup(bridge, evenDefaultRoute, lanLeases, internet);
    }
}
