// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.port;

import java.net.Inet4Address;
import org.sparegrid.virtualethernet.network.Ipv4Subnet;
import org.sparegrid.virtualethernet.network.MacAddress;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;

/// What a port's machine is called on the shared Ethernet.
///
/// @param mac its card's address
/// @param address its IPv4 address
/// @param subnet addresses reached without a router
/// @param mtu largest IPv4 packet in bytes
public record PortAddress(MacAddress mac, Inet4Address address, Ipv4Subnet subnet, int mtu) {
    /// A member's on its network.
    public static PortAddress of(Member member, NetworkMap network) {
        return new PortAddress(member.mac(), member.address(), network.subnet(), network.mtu());
    }

    /// The address with the length of its network's prefix, as in `10.77.1.2/24`.
    public String cidr() {
        return address.getHostAddress() + "/" + subnet.prefixLength();
    }
}
