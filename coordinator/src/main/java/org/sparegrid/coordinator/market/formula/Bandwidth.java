// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.formula;

/// How much data passes in a time.
///
/// @param gigabytesPerHour billions of bytes an hour, 0 to 1,000,000
public record Bandwidth(double gigabytesPerHour) {
    private static final double MAX = 1e6;

    /// 1 kbit/s is 125 bytes a second, which makes 450,000 bytes an hour.
    private static final double GIGABYTES_PER_HOUR_PER_KBPS = 4.5e-4;

    public Bandwidth {
        if (!(gigabytesPerHour >= 0 && gigabytesPerHour <= MAX)) {
            throw new IllegalArgumentException(
                    "bandwidth: expected 0 to 1000000 GB an hour, got " + gigabytesPerHour);
        }
    }

    /// The patent gives data in GB and bandwidth in Kbps; this is the step between them.
    public static Bandwidth ofKilobitsPerSecond(double kilobitsPerSecond) {
        return new Bandwidth(kilobitsPerSecond * GIGABYTES_PER_HOUR_PER_KBPS);
    }

    public double kilobitsPerSecond() {
        return gigabytesPerHour / GIGABYTES_PER_HOUR_PER_KBPS;
    }
}
