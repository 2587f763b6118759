// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.report;

import java.time.Duration;
import java.util.Optional;
import org.sparegrid.virtualethernet.PeerStatus;
import org.sparegrid.virtualethernet.network.Endpoints;

/// The answer to a ping.
///
/// @param address that was asked
/// @param endpoint the UDP address in use, of the machine or the relay, or empty
/// @param relayed whether packets go through a relay
/// @param why the reason for that, in words
/// @param roundTripMicros how long it took, or -1 if nothing came back in time
/// @param mtuBytes the longest packet that the direct path carries whole, or -1 if unknown
public record Echo(
        String name,
        String address,
        String endpoint,
        boolean relayed,
        String why,
        long roundTripMicros,
        int mtuBytes) {
    /// The answer of the member whose `status` was read after it.
    public static Echo of(PeerStatus status, Optional<Duration> answer) {
        return new Echo(
                status.name(),
                status.address().getHostAddress(),
                status.endpoint().map(Endpoints::text).orElse(""),
                status.relayed(),
                status.why(),
                Peer.micros(answer),
                status.mtu().orElse(-1));
    }

    /// The same of a machine that was asked at another address.
    public Echo at(String other) {
        return new Echo(name, other, endpoint, relayed, why, roundTripMicros, mtuBytes);
    }

    /// Whether an answer came.
    public boolean wasAnswered() {
        return roundTripMicros >= 0;
    }

    /// All of it for people.
    public String line() {
        String who = name + " (" + address + "): ";
        String path = Peer.path(endpoint, relayed);
        return wasAnswered()
                ? who
                        + path
                        + " "
                        + Peer.millis(roundTripMicros)
                        + (mtuBytes < 0 ? "" : ", path MTU " + mtuBytes)
                        + (relayed ? " (" + why + ")" : "")
                : who + "no answer, " + path + (why.isEmpty() ? "" : " (" + why + ")");
    }
}
