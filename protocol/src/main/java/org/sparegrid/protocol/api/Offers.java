// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import java.util.List;
import org.sparegrid.protocol.market.Offer;

/// What can be had now, cheapest first.
///
/// @param offers the offers
public record Offers(List<Offer> offers) {
    public Offers {
        offers = List.copyOf(offers);
    }
}
