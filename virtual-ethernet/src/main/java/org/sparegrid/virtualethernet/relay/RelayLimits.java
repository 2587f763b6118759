// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.relay;

/// How much a relay does for others.
///
/// @param machinesMax machines bound at once
/// @param sessionsMax pairs of machines at once
/// @param bytesPerSecond of all machines together
/// @param machineBytesPerSecond that one machine may send
public record RelayLimits(
        int machinesMax, int sessionsMax, long bytesPerSecond, long machineBytesPerSecond) {
    /// The longest packets in use, so that every bucket lets them pass.
    private static final long BYTES_PER_SECOND_MIN = 10_000;

    public RelayLimits {
        if (machinesMax < 1
                || sessionsMax < 1
                || sessionsMax > 1 << 22
                || bytesPerSecond < BYTES_PER_SECOND_MIN
                || machineBytesPerSecond < BYTES_PER_SECOND_MIN) {
            throw new IllegalArgumentException("relay limits: out of range");
        }
    }

    /// Limits for a relay that forwards `bytesPerSecond` in all; one machine may have half of it.
    public static RelayLimits ofBandwidth(long bytesPerSecond) {
        return new RelayLimits(
                20_000,
                100_000,
                bytesPerSecond,
                Math.max(BYTES_PER_SECOND_MIN, bytesPerSecond / 2));
    }
}
