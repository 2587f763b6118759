// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.crypto;

/// The keys of a session.
///
/// @param send seals WireGuard packets that go out
/// @param receive opens WireGuard packets that come in
/// @param fastSend seals fast frames that go out
/// @param fastReceive opens fast frames that come in
public record TransportKeys(
        SessionKey send, SessionKey receive, SessionKey fastSend, SessionKey fastReceive) {
    /// From the keys of both directions, each pair first the one that the initiator sends with.
    static TransportKeys of(boolean initiator, byte[][] packets, byte[][] frames) {
        int ours = initiator ? 0 : 1;
        return new TransportKeys(
                SessionKey.of(packets[ours]),
                SessionKey.of(packets[1 - ours]),
                SessionKey.of(frames[ours]),
                SessionKey.of(frames[1 - ours]));
    }
}
