// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import java.time.Instant;
import java.util.List;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.OrderId;

/// An order with its machines.
///
/// @param id the order
/// @param version counts the changes of the order and its machines
/// @param spec what was asked for
/// @param network the private Ethernet of its machines
/// @param state where it stands
/// @param reason why it ended or is ending, in words; empty while it goes on
/// @param created when it was placed
/// @param escrow what is still held for it
/// @param charged what was settled so far
/// @param leases its machines by rank
/// @param bookings the machines that were bound to it, if it was to be so
public record Order(
        OrderId id,
        long version,
        OrderSpec spec,
        NetworkId network,
        OrderState state,
        String reason,
        Instant created,
        Credits escrow,
        Credits charged,
        List<Lease> leases,
        List<Booking> bookings) {
    public Order {
        leases = List.copyOf(leases);
        bookings = List.copyOf(bookings);
    }
}
