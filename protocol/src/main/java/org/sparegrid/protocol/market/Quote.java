// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import java.util.List;
import org.sparegrid.protocol.Credits;

/// What an order would get now, before anything is held.
///
/// @param machines the offers that would be taken, cheapest first, one entry a machine
/// @param nodes the nodes that these make, if a reliability was asked for
/// @param missing how many machines (or nodes) more were asked for than can be had
/// @param pricePerHour the sum of the machines' prices
/// @param premiumPerHour how much of the nodes' prices is for their reliability: what as many
///   single machines would cost less; 0 if none was asked for, or those would not be spread as
///   asked
/// @param trafficCost what all of the order's traffic costs at the fees of these machines
/// @param costMax what is held in escrow: the price for all of the order's time and its traffic
/// @param startSeconds how long the start is expected to take; 0 if nothing has started here yet
/// @param interruptions how many machines are expected to be lost before the order's time is over
/// @param lasting how sure it is that all machines (or a machine of each node) run to the end
/// @param completionSeconds when the work is expected to be done that takes the order's time on
///   machines that are always there, by the hours in which these usually are, from the start on and
///   the start included; 0 if too little is known of their hours
/// @param reference what machines as fast usually cost
/// @param exclusions why other offers don't count, in order of how many each excludes
public record Quote(
        List<Offer> machines,
        List<Node> nodes,
        int missing,
        Credits pricePerHour,
        Credits premiumPerHour,
        Credits trafficCost,
        Credits costMax,
        long startSeconds,
        double interruptions,
        double lasting,
        long completionSeconds,
        ReferencePrice reference,
        List<Exclusion> exclusions) {
    public Quote {
        machines = List.copyOf(machines);
        nodes = List.copyOf(nodes);
        exclusions = List.copyOf(exclusions);
    }

    /// Machines of different owners that do the same work.
    ///
    /// @param reliability how sure it is that one of them does it to the end
    /// @param replicas how many they are
    /// @param pricePerHour the sum of their prices, with their fees for their share of the order's
    ///   traffic: what their sellers get
    public record Node(double reliability, int replicas, Credits pricePerHour) {}

    /// A requirement and how many slots fail it.
    ///
    /// @param requirement such as `memory >= 4096 MiB`
    /// @param slots how many slots on offer don't meet it
    public record Exclusion(String requirement, int slots) {}
}
