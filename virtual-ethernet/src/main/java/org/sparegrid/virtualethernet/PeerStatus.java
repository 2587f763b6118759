// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.sparegrid.virtualethernet.meter.Meter;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.path.NetworkPaths;
import org.sparegrid.virtualethernet.path.PathStatus;
import org.sparegrid.virtualethernet.relay.RelayMessage;
import org.sparegrid.virtualethernet.session.PeerState;
import org.sparegrid.virtualethernet.session.WireGuardIdentity;

/// What an attachment knows of one peer.
///
/// @param name the member's name
/// @param address its address on the network
/// @param endpoint the authenticated UDP address in use, or the relay's, if there is either
/// @param relayed whether packets go through a relay
/// @param why the reason for that, in words
/// @param lastHandshake when the newest session began
/// @param roundTrip of the newest probe; if there was none, how long the newest handshake that we
///   began waited for its answer
/// @param mtu the longest packet that the path carries whole, all headers included, as far as our
///   networks need to know
/// @param receivedBytes bytes of authenticated WireGuard packets from the peer
/// @param sentBytes bytes of WireGuard packets to the peer
/// @param directBytes bytes of frames exchanged with it both ways that no relay forwarded
/// @param tried where a direct path to the peer was looked for
public record PeerStatus(
        String name,
        Inet4Address address,
        Optional<InetSocketAddress> endpoint,
        boolean relayed,
        String why,
        Optional<Instant> lastHandshake,
        Optional<Duration> roundTrip,
        OptionalInt mtu,
        long receivedBytes,
        long sentBytes,
        long directBytes,
        List<TriedAddress> tried) {
    /// Copies what was tried.
    public PeerStatus {
        tried = List.copyOf(tried);
    }

    private static final int HEADERS_IPV4 = 28;
    private static final int HEADERS_IPV6 = 48;

    static PeerStatus of(
            Member member,
            NetworkPaths paths,
            Function<InetSocketAddress, Optional<InetSocketAddress>> physical,
            WireGuardIdentity identity,
            Meter meter,
            SteadyClock clock) {
        Optional<PeerState> state = identity.state(member.publicKey());
        Optional<PathStatus> path = paths.status(member.publicKey());
        Optional<InetSocketAddress> endpoint = path.flatMap(PathStatus::endpoint).flatMap(physical);
        Optional<Long> probed = path.map(PathStatus::roundTripNanos).filter(nanos -> nanos >= 0);
        return new PeerStatus(
                member.name(),
                member.address(),
                endpoint,
                path.filter(each -> each.kind() == PathStatus.Kind.RELAYED).isPresent(),
                path.map(PathStatus::why).orElse(""),
                state.flatMap(PeerState::handshakeNanos).map(clock.start()::plusNanos),
                probed.or(() -> state.flatMap(PeerState::roundTripNanos)).map(Duration::ofNanos),
                path.flatMap(each -> endpoint.map(to -> mtu(each, to))).orElse(OptionalInt.empty()),
                state.map(PeerState::receivedBytes).orElse(0L),
                state.map(PeerState::sentBytes).orElse(0L),
                meter.directBytes(member.publicKey()),
                paths.tried(member.publicKey()).stream().map(TriedAddress::of).toList());
    }

    private static OptionalInt mtu(PathStatus path, InetSocketAddress endpoint) {
        if (path.datagramBytes() == 0) {
            return OptionalInt.empty();
        }
        int relay = path.kind() == PathStatus.Kind.RELAYED ? RelayMessage.HEADER_LENGTH : 0;
        boolean version6 = endpoint.getAddress() instanceof Inet6Address;
        return OptionalInt.of(
                path.datagramBytes() + relay + (version6 ? HEADERS_IPV6 : HEADERS_IPV4));
    }
}
