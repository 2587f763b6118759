// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.switching;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.network.Ipv4;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.network.PublicKey;

/// A network map seen by one of its members, indexed. Immutable.
final class Directory {
    final NetworkMap map;
    final Member self;
    final List<Member> peers = new ArrayList<>();
    final List<Member> bridges = new ArrayList<>();
    private final Map<Long, Member> byMac = new HashMap<>();
    private final Map<Integer, Member> byAddress = new HashMap<>();
    private final Map<PublicKey, Member> byKey = new HashMap<>();

    Directory(NetworkMap map, Member self) {
        this.map = map;
        this.self = self;
        for (Member member : map.members()) {
            byMac.put(member.mac().bits(), member);
            byAddress.put(Ipv4.bits(member.address()), member);
            byKey.put(member.publicKey(), member);
            if (!member.equals(self)) {
                peers.add(member);
                if (member.bridge()) {
                    bridges.add(member);
                }
            }
        }
    }

    @Nullable Member byMac(long mac) {
        return byMac.get(mac);
    }

    @Nullable Member byAddress(int address) {
        return byAddress.get(address);
    }

    @Nullable Member byKey(PublicKey key) {
        return byKey.get(key);
    }

    Set<PublicKey> keys() {
        return byKey.keySet();
    }

    int serviceAddress() {
        return Ipv4.bits(map.serviceAddress());
    }
}
