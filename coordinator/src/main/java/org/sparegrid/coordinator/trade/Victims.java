// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.Match;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.SlotId;

/// Which interruptible machines have to go so that an order finds the machines that it lacks.
final class Victims {
    private Victims() {}

    /// A machine that may have to go.
    ///
    /// @param own whether it is of the order's own buyer
    /// @param noticed whether it was told already that it ends
    /// @param created when it was leased
    /// @param offer what the order would get in its slot
    record Candidate(
            LeaseId lease,
            SlotId slot,
            boolean own,
            boolean noticed,
            Instant created,
            AskAttributes offer) {}

    /// Those that were told already come first, the buyer's own last; then the cheapest for the
    /// order, and of those the youngest, as the least work is lost with it.
    private static Comparator<Candidate> order(Demand demand) {
        return Comparator.comparing((Candidate each) -> !each.noticed)
                .thenComparing(Candidate::own)
                .thenComparingLong(each -> demand.pricePerHour(each.offer))
                .thenComparing(Candidate::created, Comparator.reverseOrder())
                .thenComparing(each -> each.lease.value());
    }

    /// The machines that have to go, as few as can be: one for each that is missing. Fewer are
    /// returned if there are no more that would do.
    ///
    /// As far as an order limits its spread in one way only, there are no more indeed; with several
    /// limits some other choice may find more.
    ///
    /// @param demand of all of the order's machines
    /// @param free what the order finds without them
    static List<Candidate> choose(Demand demand, Match free, List<Candidate> candidates) {
        List<AskAttributes> beside = new ArrayList<>();
        free.slots().forEach(taken -> beside.add(taken.from().attributes()));
        List<Candidate> chosen = new ArrayList<>();
        for (Candidate each : candidates.stream().sorted(order(demand)).toList()) {
            if (chosen.size() == free.missing()) {
                break;
            }
            if (demand.test(each.offer) && demand.diversity().beside(beside).test(each.offer)) {
                chosen.add(each);
                beside.add(each.offer);
            }
        }
        return chosen;
    }
}
