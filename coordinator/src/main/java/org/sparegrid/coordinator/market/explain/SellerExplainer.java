// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.explain;

import java.util.List;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.Constraint;
import org.sparegrid.coordinator.market.Terms;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.SellerExplanation.Outcome;
import org.sparegrid.protocol.market.SellerExplanation.Result;
import org.sparegrid.protocol.market.Term;

/// Explains to a seller what became of its offer.
public final class SellerExplainer {
    private static final Credits LEAST = new Credits(1);

    private SellerExplainer() {}

    /// What became, in an order, of the offer as it is now.
    ///
    /// An offer whose price changes counts as new, and among equal prices the older is taken: so it
    /// must be cheaper than the dearest that was taken.
    public static Outcome explain(SellerId seller, AskAttributes ask, PastOrder order) {
        List<Term> failed =
                order.wanted().terms().stream()
                        .filter(term -> !Terms.constraint(term).test(ask))
                        .toList();
        if (order.taken().stream().anyMatch(taken -> taken.seller().equals(seller))) {
            return outcome(order, Result.TAKEN, List.of(), Credits.ZERO);
        }
        Constraint.Range prices = prices(order);
        Credits winning = winning(ask, order, new Credits(Math.max(0, prices.most())));
        if (failed.stream().anyMatch(term -> term.attribute() != Attribute.PRICE)
                || prices.least() > Math.min(ask.pricePerHour().nanos(), winning.nanos())) {
            return outcome(order, Result.EXCLUDED, failed, Credits.ZERO);
        }
        if (winning.isNegative()) {
            return outcome(order, Result.GIVEN_AWAY, failed, Credits.ZERO);
        }
        return ask.pricePerHour().compareTo(winning) <= 0
                ? outcome(order, Result.NOT_THERE, List.of(), winning)
                : outcome(order, Result.TOO_DEAR, failed, winning);
    }

    /// The prices that all of the order's terms allow.
    private static Constraint.Range prices(PastOrder order) {
        long least = Long.MIN_VALUE;
        long most = Long.MAX_VALUE;
        for (Term term : order.wanted().terms()) {
            if (term.attribute() == Attribute.PRICE
                    && Terms.constraint(term) instanceof Constraint.Range(_, long low, long high)) {
                least = Math.max(least, low);
                most = Math.min(most, high);
            }
        }
        return new Constraint.Range(Attribute.PRICE, least, most);
    }

    /// The highest price at which the offer would have been taken, which is negative if none is.
    ///
    /// What is cheaper than the offer was chosen without it. So the offer is taken if there is room
    /// for it beside those that are not dearer.
    private static Credits winning(AskAttributes ask, PastOrder order, Credits limit) {
        Spread places = new Spread(order.spread());
        int count = 0;
        for (PastOrder.Taken taken : order.taken()) {
            places.add(taken.ask(), 1);
            count++;
            if (count == order.machines() || places.room(ask) < 1) {
                Credits below = taken.ask().pricePerHour().minus(LEAST);
                return below.compareTo(limit) <= 0 ? below : limit;
            }
        }
        return limit;
    }

    private static Outcome outcome(
            PastOrder order, Result result, List<Term> failed, Credits winning) {
        return new Outcome(order.at(), order.machines(), order.wanted(), result, failed, winning);
    }
}
