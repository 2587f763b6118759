// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.sparegrid.coordinator.market.Diversity;
import org.sparegrid.coordinator.market.Terms;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.Placement;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.Term;
import org.sparegrid.protocol.market.WeekHours;

/// What an order wants of the market, as of when its machines start.
final class Wishes {
    private Wishes() {}

    /// All that each machine of an order must be.
    static Query of(OrderSpec spec, Instant start) {
        return of(spec.wanted(), spec.placement(), spec.secondsMax(), start);
    }

    /// What is wanted, and to be there: now, or all the time if the order is firm.
    static Query of(Query wanted, Placement placement, long secondsMax, Instant start) {
        Duration length =
                placement.firm() || placement.reserved()
                        ? Duration.ofSeconds(secondsMax)
                        : Duration.ZERO;
        return wanted.and(new Query(List.of(new Term.Hours(WeekHours.touchedBy(start, length)))));
    }

    /// What that many machines of an order need of the market.
    static Demand demand(OrderSpec spec, int machines, Instant start) {
        return new Demand(
                machines,
                Terms.constraints(of(spec, start)),
                spec.pricePerHourMax(),
                spec.megabytesPerHour(),
                Diversity.of(spec.placement()));
    }
}
