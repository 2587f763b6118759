// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.bridge;

/// What the network daemon knows of another member.
///
/// @param address on the network
/// @param endpoint the UDP address in use, or empty while there is none
/// @param handshakeSecondsAgo how old the session is, or -1 if there is none
/// @param roundTripMicros of the newest handshake, or -1 if unknown
public record Peer(
        String name,
        String address,
        String endpoint,
        long handshakeSecondsAgo,
        long roundTripMicros,
        long receivedBytes,
        long sentBytes) {}
