// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import java.util.List;
import org.sparegrid.protocol.NetworkId;

/// A network as one of its members must know it. A higher version replaces a lower one.
///
/// @param id the network
/// @param version counts the changes
/// @param name the order's name
/// @param vni the VXLAN network identifier, 1 to 16,777,215
/// @param subnet the machines' addresses, as in `10.77.3.0/24`
/// @param serviceAddress where the overlay itself answers DHCP, DNS and ping
/// @param domain `NAME.grid.internal`
/// @param mtu the Ethernet's MTU in bytes
/// @param members all attachments, the reader's own among them
/// @param metered whether members report what they exchange with each other, as it is paid for
/// @param relays relays that the members may use, best first, at most 4
public record NetworkView(
        NetworkId id,
        long version,
        String name,
        int vni,
        String subnet,
        String serviceAddress,
        String domain,
        int mtu,
        boolean metered,
        List<NetworkMember> members,
        List<NetworkRelay> relays) {
    public NetworkView {
        members = List.copyOf(members);
        relays = List.copyOf(relays);
        if (relays.size() > 4) {
            throw new IllegalArgumentException("network: expected at most 4 relays");
        }
    }
}
