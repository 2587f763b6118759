// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import org.jspecify.annotations.Nullable;
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

    @Option(
            names = "--relay",
            negatable = true,
            description = {
                "Relay between machines that don't reach each other, up to 100 Mbit/s, so that",
                "the coordinator's relay need not (default: with --bridge and --nat)."
            })
    private @Nullable Boolean relay;

    GatewaySetup setup() {
        boolean relays = relay == null ? internet || !bridge.isEmpty() : relay;
        return new GatewaySetup(bridge, evenDefaultRoute, lanLeases, internet, relays);
    }
}
