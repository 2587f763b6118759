// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.util.List;
import org.sparegrid.virtualethernet.network.Ipv4Subnet;
import org.sparegrid.virtualethernet.network.MacAddress;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.network.RelaySpec;

/// Network maps for tests.
public final class Maps {
    public static final int VNI = 4242;

    private Maps() {}

    /// Member `nodeN` with address 10.77.0.N.
    public static Member node(int n, PublicKey key, InetSocketAddress... endpoints) {
        return new Member(
                "node" + n,
                key,
                Inet4Address.ofLiteral("198.19.0." + n),
                new MacAddress(0x0253_4700_0000L + n),
                Inet4Address.ofLiteral("10.77.0." + n),
                List.of(endpoints),
                false);
    }

    public static Member bridge(Member member) {
        return new Member(
                member.name(),
                member.publicKey(),
                member.vtep(),
                member.mac(),
                member.address(),
                member.endpoints(),
                true);
    }

    public static NetworkMap map(long version, Member... members) {
        return map(version, List.of(), members);
    }

    public static NetworkMap map(long version, List<RelaySpec> relays, Member... members) {
        return new NetworkMap(
                version,
                "blue",
                VNI,
                Ipv4Subnet.parse("10.77.0.0/24"),
                Inet4Address.ofLiteral("10.77.0.254"),
                "blue.grid.internal",
                NetworkMap.DEFAULT_MTU,
                List.of(members),
                relays);
    }
}
