// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.bridge;

/// The answer to a ping.
///
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
        int mtuBytes) {}
