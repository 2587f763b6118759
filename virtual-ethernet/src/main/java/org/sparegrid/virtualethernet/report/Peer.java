// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.report;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.sparegrid.virtualethernet.PeerStatus;
import org.sparegrid.virtualethernet.network.Endpoints;

/// What is known of another member.
///
/// @param address on the network
/// @param endpoint the UDP address in use, of the peer or the relay, or empty while there is none
/// @param relayed whether packets go through a relay
/// @param why the reason for that, in words
/// @param handshakeSecondsAgo how old the session is, or -1 if there is none
/// @param roundTripMicros of the newest probe or handshake, or -1 if unknown
/// @param mtuBytes the longest packet that the direct path carries whole, or -1 if unknown
/// @param directBytes bytes of frames exchanged with it both ways that no relay forwarded
public record Peer(
        String name,
        String address,
        String endpoint,
        boolean relayed,
        String why,
        long handshakeSecondsAgo,
        long roundTripMicros,
        int mtuBytes,
        long receivedBytes,
        long sentBytes,
        long directBytes) {
    /// What `status` says at the time `now`.
    public static Peer of(PeerStatus status, Instant now) {
        return new Peer(
                status.name(),
                status.address().getHostAddress(),
                status.endpoint().map(Endpoints::text).orElse(""),
                status.relayed(),
                status.why(),
                status.lastHandshake()
                        .map(at -> Math.max(0, Duration.between(at, now).toSeconds()))
                        .orElse(-1L),
                micros(status.roundTrip()),
                status.mtu().orElse(-1),
                status.receivedBytes(),
                status.sentBytes(),
                status.directBytes());
    }

    /// The peer that `asked` means: its name, with or without the network's domain, or its address.
    public static Optional<PeerStatus> find(List<PeerStatus> peers, String asked) {
        return peers.stream()
                .filter(peer -> isMeant(asked, peer.name(), peer.address().getHostAddress()))
                .findFirst();
    }

    /// Whether `asked` means the member of that name and address.
    public static boolean isMeant(String asked, String name, String address) {
        return asked.equals(address)
                || asked.equals(name)
                || (!asked.matches("[0-9.]+") && asked.startsWith(name + "."));
    }

    /// How packets go to it, for people.
    public String path() {
        return path(endpoint, relayed);
    }

    static String path(String endpoint, boolean relayed) {
        return endpoint.isEmpty() ? "none yet" : (relayed ? "relay " : "direct ") + endpoint;
    }

    static long micros(Optional<Duration> span) {
        return span.map(each -> each.toNanos() / 1000).orElse(-1L);
    }

    /// A time for people; `-` for one that is not known.
    public static String millis(long micros) {
        return micros < 0 ? "-" : String.format(Locale.ROOT, "%.1f ms", micros / 1000.0);
    }
}
