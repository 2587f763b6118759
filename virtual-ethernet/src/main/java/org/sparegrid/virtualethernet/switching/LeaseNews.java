// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.switching;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.BiConsumer;
import org.sparegrid.virtualethernet.frame.EthernetFrame;
import org.sparegrid.virtualethernet.frame.UdpDatagram;
import org.sparegrid.virtualethernet.network.Ipv4;
import org.sparegrid.virtualethernet.network.LanLease;
import org.sparegrid.virtualethernet.network.MacAddress;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.wire.DhcpReply;
import org.sparegrid.virtualethernet.wire.DhcpRequest;

/// Tells peers which addresses the LAN behind this gateway has given away: who joins or starts anew
/// has not seen the LAN's own answers.
final class LeaseNews {
    /// Until then the peer has taken this gateway's announcement, without which it believes no
    /// lease.
    private static final long AFTER_NANOS = 1_000_000_000L;

    private final Map<PublicKey, Long> dueNanos = new HashMap<>();

    /// A session with the peer has begun.
    void met(PublicKey peer, long nowNanos) {
        dueNanos.put(peer, nowNanos + AFTER_NANOS);
    }

    /// Says what is to be said now.
    void tick(
            Directory known,
            Leases leases,
            long nowNanos,
            BiConsumer<Member, EthernetFrame> outlet) {
        Iterator<Map.Entry<PublicKey, Long>> waiting = dueNanos.entrySet().iterator();
        while (waiting.hasNext()) {
            Map.Entry<PublicKey, Long> next = waiting.next();
            if (nowNanos >= next.getValue()) {
                waiting.remove();
                Member peer = known.byKey(next.getKey());
                if (peer != null) {
                    leases.all(nowNanos)
                            .forEach(lease -> outlet.accept(peer, frame(lease, known.self)));
                }
            }
        }
    }

    /// The answer that a server of this computer would give, for as long as the lease still holds.
    private static EthernetFrame frame(LanLease lease, Member self) {
        MacAddress client = lease.mac();
        int address = Ipv4.bits(lease.address());
        int own = Ipv4.bits(self.address());
        var request = new DhcpRequest(0, 0, 0, client.bits(), DhcpRequest.REQUEST, address, own);
        byte[] ack =
                new DhcpReply(request, DhcpReply.ACK, address, own)
                        .option(51, (int) lease.remaining().toSeconds())
                        .toBytes();
        return new UdpDatagram(67, 68, ack).toFrame(client, self.mac(), address, own);
    }
}
