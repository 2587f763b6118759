// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import java.util.List;
import org.sparegrid.protocol.Credits;

/// Why an order gets what it gets, and what would have to change if that is too little.
///
/// @param machines how many are wanted
/// @param available how many of them can be had now
/// @param availableAnywhere how many there would be without limits of spread
/// @param displaceable how many more there would be if interruptible machines were displaced, which
///   an order that waits does
/// @param pricePerHour what the available ones cost together
/// @param slots how many slots are on offer in all
/// @param matching how many of the slots meet all terms
/// @param reasons the terms that some slots fail, those that most fail first
/// @param relaxations changes of one term each, any of which alone makes all machines available,
///   the cheapest first; empty if all are available anyway, or if no change of one term suffices
public record Explanation(
        int machines,
        int available,
        int availableAnywhere,
        int displaceable,
        Credits pricePerHour,
        int slots,
        int matching,
        List<Reason> reasons,
        List<Relaxation> relaxations) {
    public Explanation {
        reasons = List.copyOf(reasons);
        relaxations = List.copyOf(relaxations);
    }

    /// A term and what it rules out.
    ///
    /// @param term as in a query
    /// @param slots how many slots fail it
    /// @param alone how many of those fail nothing else
    public record Reason(Term term, int slots, int alone) {}

    /// A change of one term, after which all machines can be had.
    ///
    /// @param term which is replaced
    /// @param instead the terms to put in its place, or none to leave it out
    /// @param pricePerHour what the machines cost together then
    public record Relaxation(Term term, Query instead, Credits pricePerHour) {
        /// The change as one says it: `cpu>=2 instead of cpu>=4`.
        @Override
        public String toString() {
            return instead.equals(Query.ANY)
                    ? "leave out " + term
                    : instead + " instead of " + term;
        }
    }
}
