// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import org.sparegrid.protocol.Credits;

/// What a machine sent and received on its network, for which its seller may want a fee.
///
/// @param feePerGigabyte what a gigabyte (10^9 bytes) costs
/// @param megabytesMax the most that is paid for, in 10^6 bytes; then the machine ends
/// @param countedBytes what the seller's computer counted
/// @param agreedBytes what of it the other ends counted as well, which is what is paid for
/// @param charged what was settled of it so far
/// @param savedBytes what of it needed no relay because the UDP port of the machine's computer is
///   open; half of it where the other's is open as well
/// @param bonus what the operator paid the seller for that
public record LeaseTraffic(
        Credits feePerGigabyte,
        long megabytesMax,
        long countedBytes,
        long agreedBytes,
        Credits charged,
        long savedBytes,
        Credits bonus) {
    /// Of a machine whose traffic is free.
    public static final LeaseTraffic FREE =
            new LeaseTraffic(Credits.ZERO, 0, 0, 0, Credits.ZERO, 0, Credits.ZERO);

    /// Whether a fee is paid.
    public boolean isCharged() {
        return feePerGigabyte.nanos() > 0;
    }
}
