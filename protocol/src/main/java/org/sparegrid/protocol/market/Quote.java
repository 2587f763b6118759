// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import java.util.List;
import org.sparegrid.protocol.Credits;

/// What an order would get now, before anything is held.
///
/// @param machines the offers that would be taken, cheapest first, one entry a machine
/// @param missing how many machines more were asked for than can be had
/// @param pricePerHour the sum of the machines' prices
/// @param costMax what is held in escrow: the price for all of the order's time
/// @param startSeconds how long the start is expected to take; 0 if nothing has started here yet
/// @param interruptions how many machines are expected to be lost before the order's time is over
/// @param exclusions why other offers don't count, in order of how many each excludes
public record Quote(
        List<Offer> machines,
        int missing,
        Credits pricePerHour,
        Credits costMax,
        long startSeconds,
        double interruptions,
        List<Exclusion> exclusions) {
    public Quote {
        machines = List.copyOf(machines);
        exclusions = List.copyOf(exclusions);
    }

    /// A requirement and how many slots fail it.
    ///
    /// @param requirement such as `memory >= 4096 MiB`
    /// @param slots how many slots on offer don't meet it
    public record Exclusion(String requirement, int slots) {}
}
