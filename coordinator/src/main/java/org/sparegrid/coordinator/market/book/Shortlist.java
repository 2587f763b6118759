// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.book;

import java.util.LinkedHashSet;
import java.util.Set;
import org.sparegrid.coordinator.market.Constraint;
import org.sparegrid.coordinator.market.Constraints;
import org.sparegrid.coordinator.market.Diversity;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.Placement;

/// The offers that are weighed against each other when nodes of a reliability are made.
public final class Shortlist {
    /// The degrees of reliability, in thousandths of a nine of an hour, that nodes are made of.
    private static final int[] NINES = {0, 150, 400, 800, 1300, 2000};

    /// Offers of one degree that are looked at beyond those that the nodes could need.
    private static final int OFFERS = 64;

    private Shortlist() {}

    /// Of each degree of reliability the cheapest, as many as the nodes could need.
    ///
    /// @param megabytesPerHour what each machine is expected to send and receive
    /// @param except asks that aren't wanted
    /// @return the numbers of asks
    public static Set<Integer> of(
            Book book, Constraints wanted, int nodes, int megabytesPerHour, int... except) {
        Set<Integer> numbers = new LinkedHashSet<>();
        int offers = Math.min(Demand.MACHINES_MAX, OFFERS + nodes * Placement.REPLICAS_MAX);
        for (int nines : NINES) {
            Constraint.Range reliable = Constraint.Range.atLeast(Attribute.RELIABILITY, nines);
            Demand demand =
                    new Demand(
                            offers,
                            wanted.and(Constraints.of(reliable)),
                            Credits.MAX,
                            megabytesPerHour,
                            new Diversity(Diversity.ANY, Diversity.ANY, nodes));
            Picks picks = book.match(demand, except);
            for (int i = 0; i < picks.size(); i++) {
                numbers.add(picks.ask(i));
            }
        }
        return numbers;
    }
}
