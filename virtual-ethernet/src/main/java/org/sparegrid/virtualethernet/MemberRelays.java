// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.meter.RelayCounters;
import org.sparegrid.virtualethernet.network.GatewayOffer;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.network.RelaySpec;
import org.sparegrid.virtualethernet.path.NetworkPaths;
import org.sparegrid.virtualethernet.path.PathStatus;
import org.sparegrid.virtualethernet.path.PunchedAddress;
import org.sparegrid.virtualethernet.relay.RelayLimits;
import org.sparegrid.virtualethernet.relay.RelayServer;

/// The relays among the members of a network: computers of its owner that say they are, each at the
/// address at which it is reached directly, and this one if it is one itself.
///
/// What is said and known of them is guarded by the attachment's lock; [#receive] needs none.
///
/// Source: docs/protocol/relay.md, section 5.
final class MemberRelays {
    /// As much as the coordinator's relay unless its operator says otherwise: 100 Mbit/s.
    private static final long BYTES_PER_SECOND = 12_500_000;

    /// Two sessions and a bit, as for what else gateways say.
    private static final long HOLDS_NANOS = 300_000_000_000L;

    /// Members that are used as relays: a machine binds to each every 20 s.
    private static final int RELAYS_MAX = 4;

    private record Said(long untilNanos, Optional<RelaySpec> relay) {}

    private final Supplier<Optional<NetworkMap>> map;
    private final NetworkPaths paths;
    private final SteadyClock clock;
    private final @Nullable RelayServer server;
    private final Map<PublicKey, Said> said = new HashMap<>();
    private List<RelaySpec> used = List.of();
    private Set<PublicKey> peers = Set.of();
    private List<RelaySpec> others = List.of();

    /// @param map the network as it is now; asked on any thread
    MemberRelays(
            AttachmentSpec spec,
            Supplier<Optional<NetworkMap>> map,
            NetworkPaths paths,
            SteadyClock clock,
            RelayServer.Outlet outlet) {
        this.map = map;
        this.paths = paths;
        this.clock = clock;
        this.server =
                spec.offer().relay()
                        ? new RelayServer(
                                spec.keyPair(),
                                key ->
                                        map.get()
                                                .filter(all -> isOther(all, key, spec))
                                                .map(_ -> ""),
                                RelayLimits.ofBandwidth(BYTES_PER_SECOND),
                                new SecureRandom(),
                                outlet)
                        : null;
    }

    private static boolean isOther(NetworkMap all, PublicKey key, AttachmentSpec spec) {
        return all.member(key).isPresent() && !key.equals(spec.keyPair().publicKey());
    }

    /// What this computer has relayed; empty if it is no relay.
    Optional<RelayCounters> counters() {
        return Optional.ofNullable(server).map(RelayServer::counters);
    }

    /// Takes what a member wants of a relay.
    void receive(byte[] datagram, InetSocketAddress from) {
        RelayServer relay = server;
        if (relay != null) {
            synchronized (relay) {
                relay.receive(datagram, from, clock.nowNanos());
                if (relay.isBacklogged()) {
                    relay.tick(clock.nowNanos());
                }
            }
        }
    }

    /// A member has said what it does.
    void offered(PublicKey peer, GatewayOffer offer) {
        if (!offer.relay() || server != null) {
            said.remove(peer);
        } else {
            Optional<RelaySpec> known = Optional.ofNullable(said.get(peer)).flatMap(Said::relay);
            said.put(peer, new Said(clock.nowNanos() + HOLDS_NANOS, known));
        }
    }

    /// Finds paths to these peers from now on, by members that relay, and else by these relays.
    void use(Set<PublicKey> peers, List<RelaySpec> others) {
        this.peers = Set.copyOf(peers);
        this.others = List.copyOf(others);
        update();
    }

    /// The members come first, so that who pays for the machines relays for them.
    private void update() {
        List<RelaySpec> all = new ArrayList<>(used);
        all.addAll(others);
        paths.update(peers, all);
    }

    /// Lets time pass.
    void tick() {
        RelayServer relay = server;
        if (relay != null) {
            synchronized (relay) {
                relay.tick(clock.nowNanos());
            }
        }
        if (said.isEmpty() && used.isEmpty()) {
            return;
        }
        said.values().removeIf(each -> clock.nowNanos() >= each.untilNanos());
        said.replaceAll((key, each) -> new Said(each.untilNanos(), reached(key).or(each::relay)));
        List<RelaySpec> now = map.get().map(this::relays).orElse(List.of());
        if (!now.equals(used)) {
            used = now;
            update();
        }
    }

    /// In the order of the map, so that all members prefer the same. What a machine says does not
    /// count.
    private List<RelaySpec> relays(NetworkMap map) {
        return map.members().stream()
                .filter(Member::bridge)
                .flatMap(member -> Stream.ofNullable(said.get(member.publicKey())))
                .flatMap(each -> each.relay().stream())
                .limit(RELAYS_MAX)
                .toList();
    }

    /// The member as a relay, if there is a direct path to it.
    private Optional<RelaySpec> reached(PublicKey key) {
        return paths.status(key)
                .filter(path -> path.kind() == PathStatus.Kind.DIRECT)
                .flatMap(PathStatus::endpoint)
                .filter(at -> !PunchedAddress.is(at))
                .map(at -> new RelaySpec(at, key));
    }
}
