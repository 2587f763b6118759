// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import org.sparegrid.protocol.MemberId;

/// What a member of a network exchanged with one other, as it counted itself: bytes of Ethernet
/// frames since it attached.
///
/// @param peer the other
/// @param sentBytes to the other
/// @param receivedBytes from the other
/// @param directSentBytes what of the sent bytes no relay forwarded
/// @param directReceivedBytes the same of those received
public record PeerTraffic(
        MemberId peer,
        long sentBytes,
        long receivedBytes,
        long directSentBytes,
        long directReceivedBytes) {
    /// The highest count: 100 TB, a line of 10 Gbit/s in use for a day.
    public static final long BYTES_MAX = 100_000_000_000_000L;

    public PeerTraffic {
        if (sentBytes < 0
                || receivedBytes < 0
                || sentBytes > BYTES_MAX
                || receivedBytes > BYTES_MAX) {
            throw new IllegalArgumentException(
                    "traffic: expected counts of 0 to " + BYTES_MAX + " bytes");
        }
        if (directSentBytes < 0
                || directReceivedBytes < 0
                || directSentBytes > sentBytes
                || directReceivedBytes > receivedBytes) {
            throw new IllegalArgumentException(
                    "traffic: expected no more direct bytes than bytes in all");
        }
    }
}
