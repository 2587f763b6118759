// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.network;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Everything an attachment must know of its network. A newer version replaces an older one whole.
///
/// @param version grows with every change
/// @param networkName name of the network, for people
/// @param vni the VXLAN network identifier, 24 bits
/// @param subnet addresses of the shared Ethernet
/// @param serviceAddress address in `subnet` at which every attachment answers DHCP, DNS and ping
/// @param domain DNS domain of the members' names, in lower case, as `blue.grid.internal`
/// @param mtu largest IPv4 packet on the shared Ethernet in bytes, 576 to 9000; see [#DEFAULT_MTU]
/// @param members all members, the reader of the map included
/// @param relays relays that its members may use, best first, at most [#RELAYS_MAX]
public record NetworkMap(
        long version,
        String networkName,
        int vni,
        Ipv4Subnet subnet,
        Inet4Address serviceAddress,
        String domain,
        int mtu,
        List<Member> members,
        List<RelaySpec> relays) {
    /// Fits into WireGuard and VXLAN on any path of 1500 bytes, IPv6 included.
    public static final int DEFAULT_MTU = 1370;

    /// Members one network may have; beyond it a full mesh is the wrong shape.
    public static final int MEMBERS_MAX = 1024;

    /// Relays of one network: one is enough, and each costs every member a packet every 20 s.
    public static final int RELAYS_MAX = 4;

    /// Sender of the frames that an attachment itself answers with; no member may have it.
    public static final MacAddress SERVICE_MAC = MacAddress.parse("02:53:50:47:52:44");

    /// Checks that the map is consistent in itself.
    public NetworkMap {
        domain = domain.toLowerCase(Locale.ROOT);
        members = List.copyOf(members);
        relays = List.copyOf(relays);
        check(vni >= 0 && vni < 1 << 24, "expected a VNI of 24 bits, got " + vni);
        check(mtu >= 576 && mtu <= 9000, "expected an MTU of 576 to 9000, got " + mtu);
        check(
                !domain.isEmpty()
                        && domain.length() <= 180
                        && !domain.startsWith(".")
                        && !domain.endsWith("."),
                "expected a domain without dots at its ends, got " + domain);
        check(isHost(subnet, serviceAddress), "service address is no host of the subnet");
        check(members.size() <= MEMBERS_MAX, "more than 1024 members");
        check(relays.size() <= RELAYS_MAX, "more than 4 relays");
        checkUnique(subnet, serviceAddress, members);
    }

    /// A map of a network without relays.
    public NetworkMap(
            long version,
            String networkName,
            int vni,
            Ipv4Subnet subnet,
            Inet4Address serviceAddress,
            String domain,
            int mtu,
            List<Member> members) {
        this(version, networkName, vni, subnet, serviceAddress, domain, mtu, members, List.of());
    }

    /// The member with this key.
    public Optional<Member> member(PublicKey key) {
        return members.stream().filter(m -> m.publicKey().equals(key)).findFirst();
    }

    /// The member with this name.
    public Optional<Member> member(String name) {
        return members.stream().filter(m -> m.name().equals(name)).findFirst();
    }

    /// Whether the address is one of the network itself, or of the tunnels that carry it.
    public boolean hasInside(InetAddress address) {
        return address instanceof Inet4Address version4
                && (subnet.contains(version4)
                        || members.stream().anyMatch(m -> m.vtep().equals(version4)));
    }

    private static void checkUnique(
            Ipv4Subnet subnet, Inet4Address serviceAddress, List<Member> members) {
        Set<Object> seen = new HashSet<>(List.of(serviceAddress, SERVICE_MAC));
        Set<Inet4Address> vteps = new HashSet<>();
        for (Member member : members) {
            check(
                    isHost(subnet, member.address()),
                    member.name() + ": address is no host of the subnet");
            check(
                    seen.add(member.name())
                            && seen.add(member.publicKey())
                            && seen.add(member.mac())
                            && seen.add(member.address())
                            && vteps.add(member.vtep()),
                    member.name() + ": name, key, MAC, address or VTEP is used twice");
        }
    }

    private static boolean isHost(Ipv4Subnet subnet, Inet4Address address) {
        int bits = Ipv4.bits(address);
        return subnet.contains(bits)
                && bits != Ipv4.bits(subnet.network())
                && bits != subnet.broadcastBits();
    }

    private static void check(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException("network map: " + message);
        }
    }
}
