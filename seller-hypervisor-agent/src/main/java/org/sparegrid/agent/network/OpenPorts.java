// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.network;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.market.NetworkMember;
import org.sparegrid.protocol.market.NetworkView;
import org.sparegrid.virtualethernet.report.Peer;

/// Which members of a network have an open UDP port, by what the coordinator found.
///
/// @param own whether the member that asks is one
/// @param names the names of all that are
public record OpenPorts(boolean own, Set<String> names) {
    /// Where nothing is known.
    public static final OpenPorts NONE = new OpenPorts(false, Set.of());

    public OpenPorts {
        names = Set.copyOf(names);
    }

    /// Those of a network.
    ///
    /// @param self who asks
    public static OpenPorts of(NetworkView network, MemberId self) {
        Set<String> names = new HashSet<>();
        boolean own = false;
        for (NetworkMember member : network.members()) {
            if (member.openPort()) {
                names.add(member.name());
                own |= member.id().equals(self);
            }
        }
        return new OpenPorts(own, names);
    }

    /// What was exchanged directly where one of both ends has an open port: what a relay would have
    /// had to forward otherwise.
    public long savedBytes(List<Peer> peers) {
        return peers.stream()
                .filter(peer -> own || names.contains(peer.name()))
                .mapToLong(Peer::directBytes)
                .sum();
    }
}
