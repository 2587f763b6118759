// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.report;

import java.time.Instant;
import java.util.List;
import org.sparegrid.virtualethernet.PeerStatus;
import org.sparegrid.virtualethernet.network.Endpoints;

/// Where a direct path to a member was looked for.
///
/// @param peer what is known of the member
/// @param tried the addresses
public record Trace(Peer peer, List<Tried> tried) {
    /// Copies the addresses.
    public Trace {
        tried = List.copyOf(tried);
    }

    /// One address.
    ///
    /// @param used whether packets go there now
    /// @param answers whether it has answered lately
    /// @param unanswered pings since the newest answer
    /// @param roundTripMicros of its answers, or -1 if there was none
    public record Tried(
            String address, boolean used, boolean answers, int unanswered, long roundTripMicros) {
        /// Whether it answers, for people.
        public String words() {
            return used ? "in use" : answers ? "yes" : "no";
        }
    }

    /// What `status` says at the time `now`.
    public static Trace of(PeerStatus status, Instant now) {
        return new Trace(
                Peer.of(status, now),
                status.tried().stream()
                        .map(each ->
                                new Tried(
                                        Endpoints.text(each.address()),
                                        each.used(),
                                        each.answers(),
                                        each.unanswered(),
                                        Peer.micros(each.roundTrip())))
                        .toList());
    }

    /// The path in use and why, for people.
    public String line() {
        return peer.name()
                + ": "
                + peer.path()
                + (peer.why().isEmpty() ? "" : " (" + peer.why() + ")");
    }
}
