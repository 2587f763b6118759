// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.bridge;

/// What the network daemon knows of another member.
///
/// @param address on the network
/// @param endpoint the UDP address in use, of the peer or the relay, or empty while there is none
/// @param relayed whether packets go through a relay
/// @param why the reason for that, in words
/// @param handshakeSecondsAgo how old the session is, or -1 if there is none
/// @param roundTripMicros of the newest probe or handshake, or -1 if unknown
/// @param mtuBytes the longest packet that the direct path carries whole, or -1 if unknown
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
        long sentBytes) {}
