// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.network;

/// What a computer of the network's owner does for the other members.
///
/// @param bridge whether machines of a LAN stand behind it
/// @param lanLeases whether machines may ask that LAN for their addresses; only with `bridge`
/// @param internet whether it passes packets on to the internet
/// @param relay whether it relays between members that do not reach each other
public record GatewayOffer(boolean bridge, boolean lanLeases, boolean internet, boolean relay) {
    /// Of a member that stands for itself only.
    public static final GatewayOffer NONE = new GatewayOffer(false, false, false, false);

    private static final int BRIDGE = 2;
    private static final int LAN_LEASES = 4;
    private static final int INTERNET = 8;
    private static final int RELAY = 16;

    /// Checks that leases come from a LAN.
    public GatewayOffer {
        if (lanLeases && !bridge) {
            throw new IllegalArgumentException("gateway: leases of a LAN need a bridge to it");
        }
    }

    /// The offer that `bits` of an announcement stand for; unknown bits mean nothing.
    public static GatewayOffer of(int bits) {
        boolean bridge = (bits & BRIDGE) != 0;
        return new GatewayOffer(
                bridge,
                bridge && (bits & LAN_LEASES) != 0,
                (bits & INTERNET) != 0,
                (bits & RELAY) != 0);
    }

    /// The bits of an announcement.
    public int bits() {
        return (bridge ? BRIDGE : 0)
                | (lanLeases ? LAN_LEASES : 0)
                | (internet ? INTERNET : 0)
                | (relay ? RELAY : 0);
    }

    /// Whether it answers questions for names outside of the network.
    public boolean names() {
        return bridge || internet;
    }
}
