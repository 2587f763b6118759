// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.lease;

import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.market.LeaseTraffic;

/// What a machine sent and received on its network, and what is paid for that.
///
/// @param feePerGigabyte what its seller wants for 10^9 bytes
/// @param bytesMax the most that is paid for
/// @param countedBytes what the seller's computer counted
/// @param agreedBytes what is billed: what both ends counted, at most `bytesMax`
/// @param settledBytes up to where it was paid
/// @param charged what was paid
/// @param savedBytes what no relay had to forward because the port of the machine's computer is
///   open
/// @param bonus what the operator paid for that
public record Traffic(
        Credits feePerGigabyte,
        long bytesMax,
        long countedBytes,
        long agreedBytes,
        long settledBytes,
        Credits charged,
        long savedBytes,
        Credits bonus) {
    /// Of a machine whose traffic is free.
    public static final Traffic FREE =
            new Traffic(Credits.ZERO, 0, 0, 0, 0, Credits.ZERO, 0, Credits.ZERO);

    private static final long MEGABYTE = 1_000_000;

    /// Of a machine that has just been taken.
    public static Traffic of(Credits feePerGigabyte, long megabytesMax) {
        return feePerGigabyte.nanos() == 0
                ? FREE
                : new Traffic(
                        feePerGigabyte,
                        megabytesMax * MEGABYTE,
                        0,
                        0,
                        0,
                        Credits.ZERO,
                        0,
                        Credits.ZERO);
    }

    /// Whether a fee is paid.
    public boolean isCharged() {
        return feePerGigabyte.nanos() > 0;
    }

    /// After another look at the counters; no total ever decreases.
    ///
    /// @param billable the most bytes that may be billed by now, or fewer
    public Traffic after(long counted, long billable) {
        return new Traffic(
                feePerGigabyte,
                bytesMax,
                Math.max(countedBytes, counted),
                Math.max(agreedBytes, Math.min(billable, bytesMax)),
                settledBytes,
                charged,
                savedBytes,
                bonus);
    }

    /// After all that is billed was paid.
    public Traffic settled() {
        return new Traffic(
                feePerGigabyte,
                bytesMax,
                countedBytes,
                agreedBytes,
                agreedBytes,
                cost(),
                savedBytes,
                bonus);
    }

    /// After more relay bytes were saved, and maybe paid for.
    public Traffic saved(long moreBytes, Credits paid) {
        return new Traffic(
                feePerGigabyte,
                bytesMax,
                countedBytes,
                agreedBytes,
                settledBytes,
                charged,
                Math.addExact(savedBytes, moreBytes),
                bonus.plus(paid));
    }

    /// What is billed.
    public Credits cost() {
        return feePerGigabyte.perGigabyteFor(agreedBytes);
    }

    /// The most that can be billed.
    public Credits costMax() {
        return feePerGigabyte.perGigabyteFor(bytesMax);
    }

    /// As people are told of it.
    public LeaseTraffic view() {
        return new LeaseTraffic(
                feePerGigabyte,
                bytesMax / MEGABYTE,
                countedBytes,
                agreedBytes,
                charged,
                savedBytes,
                bonus);
    }
}
