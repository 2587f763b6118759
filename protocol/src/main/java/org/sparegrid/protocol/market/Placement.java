// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

/// How an order's machines are spread, and how long the order may wait for them.
///
/// @param perCountryMax machines in one country at most, 0 for any number
/// @param perHardwareMax machines with one kind of processor at most, 0 for any number
/// @param perOwnerMax machines of one owner at most, 0 for any number
/// @param firm whether each machine must be there for all of the order's time, by its seller's
///   hours; otherwise it may be interrupted when those end
/// @param waitSecondsMax how long the order waits for machines that can't be had at once, 0 to
///   2,678,400 (31 days); the most that it may cost is held meanwhile
public record Placement(
        int perCountryMax, int perHardwareMax, int perOwnerMax, boolean firm, long waitSecondsMax) {
    /// The cheapest machines that can be had now.
    public static final Placement ANY = new Placement(0, 0, 0, false, 0);

    private static final int MACHINES_MAX = 256;

    public Placement {
        limit("country", perCountryMax);
        limit("hardware", perHardwareMax);
        limit("owner", perOwnerMax);
        if (waitSecondsMax < 0 || waitSecondsMax > 2_678_400) {
            throw new IllegalArgumentException(
                    "wait: expected 0 to 2678400 seconds, got " + waitSecondsMax);
        }
    }

    private static void limit(String of, int most) {
        if (most < 0 || most > MACHINES_MAX) {
            throw new IllegalArgumentException(
                    "machines per " + of + ": expected 0 to " + MACHINES_MAX + ", got " + most);
        }
    }
}
