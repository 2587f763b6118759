// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.util.List;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.market.OrderSpec;

/// What nodes were chosen by, for the market's record.
///
/// @param ticket when their offers were listed
/// @param reliability of each node
/// @param pricePerHourMax of each node
/// @param replicasMax machines of one node
/// @param believed what was believed of each offer that was listed, for the order's time
record Weighed(
        long ticket,
        double reliability,
        Credits pricePerHourMax,
        int replicasMax,
        List<Double> believed) {
    /// No nodes were chosen.
    static final Weighed NOTHING = new Weighed(0, 0, Credits.ZERO, 1, List.of());

    Weighed {
        believed = List.copyOf(believed);
    }

    static Weighed of(OrderSpec spec, long ticket, List<Double> believed) {
        return new Weighed(
                ticket,
                spec.placement().reliability(),
                spec.pricePerHourMax(),
                spec.placement().replicasMax(spec.machines()),
                believed);
    }
}
