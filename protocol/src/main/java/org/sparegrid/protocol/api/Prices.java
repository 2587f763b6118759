// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import java.time.Instant;
import java.util.List;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.market.ReferencePrice;

/// What machines cost, hour by hour.
///
/// @param reference of a machine as fast as one reference core
/// @param hours those that are over and in which a machine was leased, oldest first
public record Prices(ReferencePrice reference, List<Hour> hours) {
    public Prices {
        hours = List.copyOf(hours);
    }

    /// The machines that were leased within an hour, at their prices for one hour.
    ///
    /// @param at when it began
    /// @param leases how many there were
    /// @param medianPerCore the median of the price for the speed of one reference core; 0 if the
    ///   speed of none is known
    public record Hour(
            Instant at,
            long leases,
            Credits low,
            Credits median,
            Credits high,
            Credits medianPerCore) {}
}
