// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.switching;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.sparegrid.virtualethernet.frame.EthernetFrame;
import org.sparegrid.virtualethernet.frame.GroupMessages;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.network.PublicKey;

/// Which members listen to which groups, so that a multicast costs only those who want it.
///
/// There is no router that would ask, so each switch asks its own machine; the answers go to all. A
/// group of which nothing is known, or not yet, goes to everybody. Source: RFC 4541.
final class Listeners {
    /// How often the local machine is asked.
    static final long ASK_NANOS = 60_000_000_000L;

    /// How long an answer counts: three questions and the time to answer.
    static final long KEEP_NANOS = 3 * ASK_NANOS + 10_000_000_000L;

    /// After this long every member's machine has been asked once and has answered.
    static final long LEARN_NANOS = ASK_NANOS + 15_000_000_000L;

    /// Groups of one member; who listens to more gets everything.
    static final int GROUPS_MAX = 256;

    private final Map<PublicKey, Map<Long, Long>> groups = new HashMap<>();
    private long begunNanos = Long.MIN_VALUE;
    private long askNanos = Long.MIN_VALUE;

    /// Forgets who is no member.
    void update(Set<PublicKey> members) {
        groups.keySet().retainAll(members);
    }

    /// The questions to the local machine that are due now.
    List<EthernetFrame> tick(Directory known, long nowNanos) {
        if (begunNanos == Long.MIN_VALUE) {
            begunNanos = nowNanos;
            askNanos = nowNanos;
        }
        if (nowNanos < askNanos) {
            return List.of();
        }
        askNanos = nowNanos + ASK_NANOS;
        groups.values().forEach(each -> each.values().removeIf(until -> until <= nowNanos));
        return List.of(
                GroupMessages.igmpQuery(NetworkMap.SERVICE_MAC, known.serviceAddress()),
                GroupMessages.mldQuery(NetworkMap.SERVICE_MAC));
    }

    /// Takes note of what a member's machine has said.
    void heard(Member member, List<GroupMessages.Change> changes, long nowNanos) {
        Map<Long, Long> its = groups.computeIfAbsent(member.publicKey(), _ -> new HashMap<>());
        for (GroupMessages.Change change : changes) {
            if (!change.listens()) {
                its.remove(change.group());
            } else if (its.containsKey(change.group()) || its.size() <= GROUPS_MAX) {
                its.put(change.group(), nowNanos + KEEP_NANOS);
            }
        }
    }

    /// The peers that get what is sent to a group.
    ///
    /// @param group the destination, as the bits of a MAC address
    List<Member> of(long group, Directory known, long nowNanos) {
        if (begunNanos == Long.MIN_VALUE
                || nowNanos - begunNanos < LEARN_NANOS
                || !mayBeKept(group)) {
            return known.peers;
        }
        Set<PublicKey> listening = new HashSet<>();
        groups.forEach((member, its) -> {
            if (its.getOrDefault(group, Long.MIN_VALUE) > nowNanos) {
                listening.add(member);
            }
        });
        if (listening.isEmpty()) {
            return known.peers;
        }
        return known.peers.stream()
                .filter(peer ->
                        peer.bridge()
                                || listening.contains(peer.publicKey())
                                || groups.getOrDefault(peer.publicKey(), Map.of()).size()
                                        > GROUPS_MAX)
                .toList();
    }

    /// Broadcast, groups that nobody reports (224.0.0.0/24, all nodes), and what is neither IPv4's
    /// nor IPv6's go to everybody.
    private static boolean mayBeKept(long group) {
        boolean ipv4 = group >>> 23 == 0x0100_5e00_0000L >>> 23 && (group & 0x7f_ff00) != 0;
        boolean ipv6 = group >>> 32 == 0x3333 && (group & 0xffff_ffffL) != 1;
        return ipv4 || ipv6;
    }
}
