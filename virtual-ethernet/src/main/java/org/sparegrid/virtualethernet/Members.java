// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.sparegrid.virtualethernet.network.Ipv4;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.wire.Vxlan;
import org.sparegrid.virtualethernet.wire.WireFormatException;

/// What every packet asks of a network map. Immutable.
final class Members {
    private final Map<PublicKey, Integer> vteps = new HashMap<>();
    private final int vtep;
    private final int vni;

    Members(NetworkMap map, Member self) {
        vtep = Ipv4.bits(self.vtep());
        vni = map.vni();
        for (Member member : map.members()) {
            vteps.put(member.publicKey(), Ipv4.bits(member.vtep()));
        }
    }

    boolean has(PublicKey peer) {
        return vteps.containsKey(peer);
    }

    /// The VTEP of a member.
    int vtep(PublicKey peer) {
        Integer known = vteps.get(peer);
        if (known == null) {
            throw new IllegalArgumentException("no member " + peer);
        }
        return known;
    }

    /// The VXLAN packet that a peer has sent, if it is one of this network from it to us.
    Optional<Vxlan> open(PublicKey peer, byte[] bytes, int offset, int length) {
        try {
            Vxlan inner = Vxlan.parse(bytes, offset, length);
            return inner.source() == vtep(peer) && inner.destination() == vtep && inner.vni() == vni
                    ? Optional.of(inner)
                    : Optional.empty();
        } catch (WireFormatException malformed) {
            return Optional.empty();
        }
    }

    /// Our own VTEP.
    int vtep() {
        return vtep;
    }

    int vni() {
        return vni;
    }
}
