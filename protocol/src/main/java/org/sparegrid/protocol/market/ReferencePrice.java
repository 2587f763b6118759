// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import org.sparegrid.protocol.Credits;

/// What machines as fast as some usually cost here, beside which a price can be put.
///
/// @param source what it was computed from
/// @param pricePerHour of all of them together; 0 if it is not known
/// @param leases of the last 7 days whose machines' speed is known; fewer than 20 don't count
public record ReferencePrice(Source source, Credits pricePerHour, long leases) {
    /// What a reference price is computed from.
    public enum Source {
        /// The formula in the coordinator's settings.
        SETTINGS,
        /// The median price for the speed of one reference core in the leases.
        LEASES,
        /// Nothing: the operator set no formula, and there were too few leases.
        NONE
    }
}
