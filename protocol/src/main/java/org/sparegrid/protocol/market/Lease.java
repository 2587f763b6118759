// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import java.util.List;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.SellerId;

/// A machine of an order, as its buyer sees it.
///
/// @param id the lease
/// @param order the order it belongs to
/// @param network the order's name, so that the machine is NAME.NETWORK.grid.internal
/// @param name `node1` and so on
/// @param rank 0 for the order's first machine
/// @param seller where it runs
/// @param sellerName that machine's name for people
/// @param acceleration how it runs there
/// @param pricePerHour what an hour costs
/// @param state where it stands
/// @param progress how far its start has come
/// @param ended why it ended: an {@link EndReason}, or empty while it lives
/// @param endsAt when it ends because a firm order displaces it, or empty if none does
/// @param address its IPv4 address on the network
/// @param usage the last acknowledged meter reading
/// @param billedSeconds what of it is billed
/// @param traffic what it sent and received, and what that costs
/// @param charged what was settled so far, with the fee for traffic
/// @param events its history, oldest first
public record Lease(
        LeaseId id,
        OrderId order,
        String network,
        String name,
        int rank,
        SellerId seller,
        String sellerName,
        Acceleration acceleration,
        Credits pricePerHour,
        LeaseState state,
        LeaseProgress progress,
        String ended,
        String endsAt,
        String address,
        Usage usage,
        long billedSeconds,
        LeaseTraffic traffic,
        Credits charged,
        List<LeaseEvent> events) {
    public Lease {
        events = List.copyOf(events);
    }
}
