// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.explain;

import java.math.BigInteger;
import java.util.List;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.Constraint;
import org.sparegrid.coordinator.market.Terms;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.SellerExplanation.Outcome;
import org.sparegrid.protocol.market.SellerExplanation.Result;
import org.sparegrid.protocol.market.Term;

/// Explains to a seller what became of its offer.
public final class SellerExplainer {
    private static final Credits LEAST = new Credits(1);
    private static final BigInteger MEGABYTES_A_GIGABYTE = BigInteger.valueOf(1000);

    private SellerExplainer() {}

    /// What became, in an order, of the offer as it is now.
    ///
    /// An offer whose price changes counts as new, and among equal prices the older is taken: so it
    /// must be cheaper than the dearest that was taken.
    public static Outcome explain(SellerId seller, AskAttributes offer, PastOrder order) {
        AskAttributes ask = Demand.carrying(offer, order.megabytesPerHour());
        List<Term> failed =
                order.wanted().terms().stream()
                        .filter(term -> !Terms.constraint(term).test(ask))
                        .toList();
        if (order.taken().stream().anyMatch(taken -> taken.seller().equals(seller))) {
            return outcome(order, Result.TAKEN, List.of());
        }
        Constraint.Range prices = range(order, Attribute.PRICE);
        Constraint.Range fees = range(order, Attribute.NETWORK_FEE);
        long fee = offer.networkFeePerGigabyte().nanos();
        Credits winning = winning(ask, order, new Credits(Math.max(0, prices.most())));
        if (failed.stream().anyMatch(SellerExplainer::isOfMoreThanMoney)
                || fee < fees.least()
                || prices.least() > Math.min(ask.pricePerHour().nanos(), winning.nanos())) {
            return outcome(order, Result.EXCLUDED, failed);
        }
        if (winning.isNegative()) {
            return outcome(order, Result.GIVEN_AWAY, failed);
        }
        if (fee <= fees.most() && ask.pricePerHour().compareTo(winning) <= 0) {
            Credits price = below(winning, ask, offer);
            return outcome(order, Result.NOT_THERE, List.of(), price, Credits.ZERO);
        }
        return outbid(offer, ask, order, failed, winning, fees);
    }

    private static boolean isOfMoreThanMoney(Term term) {
        return term.attribute() != Attribute.PRICE && term.attribute() != Attribute.NETWORK_FEE;
    }

    /// Of an offer that a lower fee or a lower price would have helped: the fee if that alone does.
    private static Outcome outbid(
            AskAttributes offer,
            AskAttributes ask,
            PastOrder order,
            List<Term> failed,
            Credits winning,
            Constraint.Range fees) {
        long fee = offer.networkFeePerGigabyte().nanos();
        long room = winning.minus(offer.pricePerHour()).nanos();
        long bearable =
                Math.min(
                        Math.min(fee, fees.most()),
                        feeFor(Math.max(0, room), order.megabytesPerHour()));
        if (fee > 0 && room >= 0 && bearable >= Math.max(0, fees.least())) {
            Credits price = fee <= fees.most() ? below(winning, ask, offer) : Credits.ZERO;
            return outcome(order, Result.FEE_TOO_HIGH, failed, price, new Credits(bearable));
        }
        return fee <= fees.most()
                        && ask.pricePerHour().minus(offer.pricePerHour()).compareTo(winning) <= 0
                ? outcome(order, Result.TOO_DEAR, failed, below(winning, ask, offer), Credits.ZERO)
                : outcome(order, Result.EXCLUDED, failed);
    }

    /// The highest fee that adds at most so much to an hour.
    private static long feeFor(long room, int megabytesPerHour) {
        return megabytesPerHour == 0
                ? Long.MAX_VALUE
                : BigInteger.valueOf(room)
                        .multiply(MEGABYTES_A_GIGABYTE)
                        .divide(BigInteger.valueOf(megabytesPerHour))
                        .min(BigInteger.valueOf(Long.MAX_VALUE))
                        .longValue();
    }

    /// The offer's own price that makes `winning` with its fee, or 0 if the fee is more than that.
    private static Credits below(Credits winning, AskAttributes ask, AskAttributes offer) {
        Credits fee = ask.pricePerHour().minus(offer.pricePerHour());
        return fee.compareTo(winning) <= 0 ? winning.minus(fee) : Credits.ZERO;
    }

    /// The values of an attribute that all of the order's terms allow.
    private static Constraint.Range range(PastOrder order, Attribute attribute) {
        long least = Long.MIN_VALUE;
        long most = Long.MAX_VALUE;
        for (Term term : order.wanted().terms()) {
            if (term.attribute() == attribute
                    && Terms.constraint(term) instanceof Constraint.Range(_, long low, long high)) {
                least = Math.max(least, low);
                most = Math.min(most, high);
            }
        }
        return new Constraint.Range(attribute, least, most);
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

    private static Outcome outcome(PastOrder order, Result result, List<Term> failed) {
        return outcome(order, result, failed, Credits.ZERO, Credits.ZERO);
    }

    private static Outcome outcome(
            PastOrder order, Result result, List<Term> failed, Credits price, Credits fee) {
        return new Outcome(
                order.at(), order.machines(), order.wanted(), result, failed, price, fee);
    }
}
