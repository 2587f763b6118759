// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.sparegrid.virtualethernet.network.Endpoints;
import org.sparegrid.virtualethernet.probe.Probe;

/// Where this process's UDP port may be reached, as far as it knows. Safe for many threads.
public final class OwnAddresses {
    /// How long an observation counts: a mapping that is not refreshed is closed after 30 s or more
    /// (RFC 4787, section 4.3), and relays are asked every 20 s.
    static final long FRESH_NANOS = 60_000_000_000L;

    /// Servers and peers whose observations are kept; more than one shows how the NAT maps.
    static final int OBSERVERS_MAX = 16;

    /// Addresses that only peers have reported: one may lie, so that few are passed on.
    static final int REPORTED_MAX = 4;

    /// Peers that outweigh what two servers saw.
    private static final int AGREEING_MIN = 2;

    private final Map<InetSocketAddress, Observation> byServers = new LinkedHashMap<>();
    private final Map<InetSocketAddress, Observation> byPeers = new LinkedHashMap<>();
    private List<InetSocketAddress> local = List.of();
    private List<InetSocketAddress> set = List.of();
    private Optional<InetSocketAddress> mapped = Optional.empty();

    private record Observation(InetSocketAddress seen, long atNanos) {}

    /// Addresses unknown so far.
    public OwnAddresses() {}

    /// Replaces the addresses of this computer's interfaces.
    public synchronized void local(List<InetSocketAddress> addresses) {
        local = List.copyOf(addresses);
    }

    /// Replaces the addresses that the owner of the computer has named.
    public synchronized void set(List<InetSocketAddress> addresses) {
        set = List.copyOf(addresses);
    }

    /// Replaces the address that the router leads to this computer's port.
    public synchronized void mapped(Optional<InetSocketAddress> address) {
        mapped = address;
    }

    /// The address that the router leads to this computer's port, if any.
    public synchronized Optional<InetSocketAddress> mapped() {
        return mapped;
    }

    /// A server that answers strangers sees the port as `seen`.
    public synchronized void seenBy(
            InetSocketAddress server, InetSocketAddress seen, long nowNanos) {
        record(byServers, server, seen, nowNanos);
    }

    /// A peer, reached at `peer`, sees the port as `seen`.
    public synchronized void reportedBy(
            InetSocketAddress peer, InetSocketAddress seen, long nowNanos) {
        record(byPeers, peer, seen, nowNanos);
    }

    /// Whether two servers saw the port differently, so that no peer can tell how it will see it.
    ///
    /// Two peers who see it as one of the servers does outweigh that: a NAT that gives each target
    /// a port of its own would not have them agree, but one that lets packets in to itself takes
    /// another port towards a server whose answer once came too late. One peer alone may lie.
    public synchronized boolean mappingVaries(long nowNanos) {
        for (boolean version4 : new boolean[] {true, false}) {
            Set<InetSocketAddress> different =
                    byServers.values().stream()
                            .filter(o -> nowNanos - o.atNanos() < FRESH_NANOS)
                            .map(Observation::seen)
                            .filter(s -> (s.getAddress().getAddress().length == 4) == version4)
                            .collect(Collectors.toSet());
            if (different.size() > 1 && agreeing(different, nowNanos) < AGREEING_MIN) {
                return true;
            }
        }
        return false;
    }

    /// The hosts of peers that see one and the same of `addresses`: the most for any of them.
    private long agreeing(Set<InetSocketAddress> addresses, long nowNanos) {
        Map<InetSocketAddress, Set<InetAddress>> hosts = new HashMap<>();
        byPeers.forEach((peer, observation) -> {
            if (nowNanos - observation.atNanos() < FRESH_NANOS
                    && addresses.contains(observation.seen())) {
                hosts.computeIfAbsent(observation.seen(), _ -> new HashSet<>())
                        .add(peer.getAddress());
            }
        });
        return hosts.values().stream().mapToInt(Set::size).max().orElse(0);
    }

    /// The addresses to name to peers, best first, at most [Probe#CANDIDATES_MAX].
    public synchronized List<InetSocketAddress> candidates(long nowNanos) {
        Set<InetSocketAddress> all = new LinkedHashSet<>(set);
        mapped.ifPresent(all::add);
        List<InetSocketAddress> seen = fresh(byServers, nowNanos);
        all.addAll(seen);
        all.addAll(local);
        if (mappingVaries(nowNanos)) {
            // The owner may have opened the port towards this computer.
            seen.forEach(each ->
                    local.stream()
                            .findFirst()
                            .ifPresent(own ->
                                    all.add(
                                            new InetSocketAddress(
                                                    each.getAddress(), own.getPort()))));
        }
        fresh(byPeers, nowNanos).stream().limit(REPORTED_MAX).forEach(all::add);
        return all.stream().filter(Endpoints::isUsable).limit(Probe.CANDIDATES_MAX).toList();
    }

    /// Whether a peer that names `theirs` may be asked to answer at an inner address: it seems to
    /// be behind the same NAT, or there is none that we know of. Otherwise the address means some
    /// machine of our owner's network, which the peer must not aim us at.
    public synchronized boolean mayShareInside(List<InetSocketAddress> theirs, long nowNanos) {
        Set<InetAddress> outside = new LinkedHashSet<>();
        for (InetSocketAddress each : candidates(nowNanos)) {
            if (Endpoints.isPublic(each.getAddress())) {
                outside.add(each.getAddress());
            }
        }
        return outside.isEmpty()
                || theirs.stream().map(InetSocketAddress::getAddress).anyMatch(outside::contains);
    }

    private static void record(
            Map<InetSocketAddress, Observation> observations,
            InetSocketAddress observer,
            InetSocketAddress seen,
            long nowNanos) {
        observations.values().removeIf(each -> nowNanos - each.atNanos() >= FRESH_NANOS);
        if (observations.size() < OBSERVERS_MAX || observations.containsKey(observer)) {
            observations.put(observer, new Observation(seen, nowNanos));
        }
    }

    private static List<InetSocketAddress> fresh(
            Map<InetSocketAddress, Observation> observations, long nowNanos) {
        List<InetSocketAddress> seen = new ArrayList<>();
        for (Observation each : observations.values()) {
            if (nowNanos - each.atNanos() < FRESH_NANOS && !seen.contains(each.seen())) {
                seen.add(each.seen());
            }
        }
        return seen;
    }
}
