// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.bridge;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sparegrid.cli.context.DaemonState;
import org.sparegrid.virtualethernet.gateway.InternetAccess;
import org.sparegrid.virtualethernet.gateway.LanBridge;
import org.sparegrid.virtualethernet.gateway.UndoLog;
import org.sparegrid.virtualethernet.network.GatewayOffer;
import org.sparegrid.virtualethernet.port.LinkSetup;

/// What this computer is to do for the machines of a network.
///
/// @param bridge the card or bridge of the LAN to put the network into, or empty
/// @param evenDefaultRoute whether that card may be the one that reaches the internet
/// @param lanLeases whether machines get their addresses from that LAN
/// @param internet whether machines reach the internet through this computer
/// @param relay whether it relays between machines that do not reach each other
public record GatewaySetup(
        String bridge,
        boolean evenDefaultRoute,
        boolean lanLeases,
        boolean internet,
        boolean relay) {
    /// Nothing.
    public static final GatewaySetup NONE = new GatewaySetup("", false, false, false, false);

    /// Why it cannot be, if so.
    public Optional<String> objection(String mode) throws IOException {
        if (bridge.isEmpty() && !evenDefaultRoute && !lanLeases && !internet) {
            return Optional.empty();
        }
        if (!mode.equals(DaemonState.TAP)) {
            return Optional.of("--bridge and --nat make network devices, which needs root");
        }
        if (bridge.isEmpty()) {
            return internet && !lanLeases && !evenDefaultRoute
                    ? Optional.empty()
                    : Optional.of("--lan-leases and --even-default-route need --bridge");
        }
        return internet
                ? Optional.of(
                        "--nat and --bridge exclude each other; with --lan-leases the LAN's own"
                                + " router takes machines to the internet")
                : LanBridge.objection(bridge, evenDefaultRoute);
    }

    /// The options of the command line that mean this.
    public List<String> arguments() {
        List<String> words = new ArrayList<>();
        if (!bridge.isEmpty()) {
            words.addAll(List.of("--bridge", bridge));
        }
        if (evenDefaultRoute) {
            words.add("--even-default-route");
        }
        if (lanLeases) {
            words.add("--lan-leases");
        }
        if (internet) {
            words.add("--nat");
        }
        if (relay != relaysByDefault()) {
            words.add(relay ? "--relay" : "--no-relay");
        }
        return words;
    }

    private boolean relaysByDefault() {
        return internet || !bridge.isEmpty();
    }

    GatewayOffer offer() {
        return new GatewayOffer(!bridge.isEmpty(), lanLeases, internet, relay);
    }

    LinkSetup link(UndoLog undo) {
        if (!bridge.isEmpty()) {
            return new LanBridge(bridge, undo);
        }
        return internet ? new InternetAccess(undo) : LinkSetup.ofHost();
    }
}
