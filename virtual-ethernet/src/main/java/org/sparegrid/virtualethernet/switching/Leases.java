// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.switching;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.frame.EthernetFrame;
import org.sparegrid.virtualethernet.frame.FrameFormatException;
import org.sparegrid.virtualethernet.frame.Ipv4Packet;
import org.sparegrid.virtualethernet.frame.UdpDatagram;
import org.sparegrid.virtualethernet.network.Ipv4;
import org.sparegrid.virtualethernet.network.LanLease;
import org.sparegrid.virtualethernet.network.MacAddress;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.wire.DhcpLease;
import org.sparegrid.virtualethernet.wire.DhcpReply;
import org.sparegrid.virtualethernet.wire.WireFormatException;

/// Addresses that the LAN behind a gateway has given to members, at most one each.
final class Leases {
    /// A lease that is said to hold for longer is looked at again after this.
    private static final long SECONDS_MAX = 7 * 24 * 3600L;

    private record Lease(int address, long untilNanos) {}

    private final Map<Long, Lease> byMac = new HashMap<>();
    private final Map<Integer, Long> byAddress = new HashMap<>();

    /// Whether a member may use the address from now on: no other member's, and none of the
    /// network's.
    static boolean isLease(DhcpLease lease, Directory known) {
        return lease.type() == DhcpReply.ACK
                && lease.address() != 0
                && lease.address() != known.serviceAddress()
                && known.byAddress(lease.address()) == null;
    }

    /// The answer of a DHCP server in a frame, or null if it is malformed.
    static @Nullable DhcpLease read(EthernetFrame frame) throws FrameFormatException {
        try {
            return DhcpLease.parse(UdpDatagram.parse(Ipv4Packet.parse(frame)).payload());
        } catch (WireFormatException malformed) {
            return null;
        }
    }

    /// Takes note of a lease of `member`; a newer one replaces an older one.
    void learn(Member member, DhcpLease lease, long nowNanos) {
        Long before = byAddress.get(lease.address());
        if (before != null) {
            forget(before);
        }
        long mac = member.mac().bits();
        forget(mac);
        long seconds = Math.min(lease.seconds(), SECONDS_MAX);
        byMac.put(mac, new Lease(lease.address(), nowNanos + seconds * 1_000_000_000L));
        byAddress.put(lease.address(), mac);
    }

    /// Whether the member with that MAC address holds that address.
    boolean holds(long mac, int address) {
        Lease lease = byMac.get(mac);
        return lease != null && lease.address == address;
    }

    /// MAC address of the member that holds an address, or null.
    @Nullable Long holder(int address) {
        return byAddress.get(address);
    }

    /// All that hold.
    List<LanLease> all(long nowNanos) {
        return byMac.entrySet().stream()
                .filter(each -> each.getValue().untilNanos > nowNanos)
                .map(each ->
                        new LanLease(
                                new MacAddress(each.getKey()),
                                Ipv4.address(each.getValue().address),
                                Duration.ofNanos(each.getValue().untilNanos - nowNanos)))
                .toList();
    }

    /// Forgets what has run out and those who are no members any more.
    void sweep(@Nullable Directory directory, long nowNanos) {
        for (Long mac : List.copyOf(byMac.keySet())) {
            Lease lease = byMac.get(mac);
            boolean over = lease != null && nowNanos >= lease.untilNanos;
            if (over || directory == null || directory.byMac(mac) == null) {
                forget(mac);
            }
        }
    }

    private void forget(long mac) {
        Lease old = byMac.remove(mac);
        if (old != null) {
            byAddress.remove(old.address);
        }
    }
}
