// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.sparegrid.coordinator.market.Diversity;
import org.sparegrid.coordinator.market.SlotAsk;
import org.sparegrid.coordinator.market.Terms;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.coordinator.market.explain.OrderExplainer;
import org.sparegrid.coordinator.market.explain.SellerExplainer;
import org.sparegrid.coordinator.market.explain.Standing;
import org.sparegrid.coordinator.operation.Caller;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.store.DisplacementTable;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.api.ExplanationRequest;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.Explanation;
import org.sparegrid.protocol.market.Offer;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.Placement;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.Quote;
import org.sparegrid.protocol.market.Ranking;
import org.sparegrid.protocol.market.SellerExplanation;
import org.sparegrid.protocol.market.Term;

/// What people see of the asks, and why they don't get or sell more.
final class Board {
    private static final double THOUSAND = 1000;

    private final Exchange exchange;

    Board(Exchange exchange) {
        this.exchange = exchange;
    }

    /// The cheapest that can be had now.
    ///
    /// @param where which offers
    /// @param order how they are sorted; among equals the cheapest and oldest come first
    List<Offer> offers(Query where, Ranking order) {
        return exchange.asks().list(Terms.constraints(where)).stream()
                .sorted(comparator(order))
                .map(Board::offer)
                .toList();
    }

    private static Comparator<SlotAsk> comparator(Ranking order) {
        Comparator<SlotAsk> all = Comparator.comparingInt(_ -> 0);
        for (Ranking.Key key : order.keys()) {
            Comparator<SlotAsk> one =
                    Comparator.comparingLong(ask -> ask.attributes().number(key.attribute()));
            all = all.thenComparing(key.descending() ? one.reversed() : one);
        }
        return all;
    }

    /// What an order of these machines would find now, and what would have to change.
    Explanation explain(AccountId account, ExplanationRequest request) {
        Access access = exchange.read(tx -> Access.of(tx, account));
        return explain(
                exchange,
                access,
                exchange.read(tx -> tx.displacements().candidates()),
                request.placement(),
                request.machines(),
                Wishes.of(
                        request.where(),
                        request.placement(),
                        request.secondsMax(),
                        request.placement().opens(exchange.now())),
                request.megabytesPerHour());
    }

    /// The same for some machines of an order that starts then.
    static Explanation explain(
            Exchange exchange,
            OrderSpec spec,
            Access access,
            List<DisplacementTable.Candidate> interruptible,
            int machines,
            Instant start) {
        return explain(
                exchange,
                access,
                interruptible,
                spec.placement(),
                machines,
                Wishes.of(spec, start),
                spec.megabytesPerHour());
    }

    /// Prices are meant with the fee for the expected traffic. That it must be free can't be given
    /// up like other terms: it can only be said how much of it may cost.
    private static Explanation explain(
            Exchange exchange,
            Access access,
            List<DisplacementTable.Candidate> interruptible,
            Placement placement,
            int machines,
            Query wanted,
            int megabytesPerHour) {
        Diversity spread = Diversity.of(placement);
        List<Standing> book =
                exchange.asks().standings(access).stream()
                        .map(each -> carrying(each, megabytesPerHour))
                        .toList();
        Explanation all =
                OrderExplainer.explain(book, machines, wanted.and(access.terms()), spread);
        return new Explanation(
                all.machines(),
                all.available(),
                all.availableAnywhere(),
                displaceable(
                        exchange,
                        access,
                        interruptible,
                        placement,
                        machines,
                        wanted,
                        megabytesPerHour),
                all.pricePerHour(),
                all.slots(),
                all.matching(),
                all.reasons(),
                all.relaxations().stream()
                        .filter(change -> !change.term().equals(OrderSpec.FREE_TRAFFIC))
                        .toList());
    }

    /// How many more there would be without interruptible machines of other orders.
    private static int displaceable(
            Exchange exchange,
            Access access,
            List<DisplacementTable.Candidate> interruptible,
            Placement placement,
            int machines,
            Query wanted,
            int megabytesPerHour) {
        if (!Displacement.mayDisplace(placement)) {
            return 0;
        }
        Demand demand =
                new Demand(
                        machines,
                        Terms.constraints(wanted),
                        priceMax(wanted),
                        megabytesPerHour,
                        Diversity.of(placement));
        return Displacement.possible(exchange, interruptible, access.limit(demand), access);
    }

    private static Credits priceMax(Query wanted) {
        long most = Credits.MAX.nanos();
        for (Term term : wanted.terms()) {
            if (term instanceof Term.Bound(var attribute, var relation, var value)
                    && attribute == Attribute.PRICE
                    && relation == Term.Relation.AT_MOST) {
                most = Math.min(most, value);
            }
        }
        return new Credits(most);
    }

    private static Standing carrying(Standing each, int megabytesPerHour) {
        return new Standing(
                Demand.carrying(each.ask(), megabytesPerHour), each.free(), each.sequence());
    }

    /// What became of a seller's offer in the last orders.
    SellerExplanation explain(Caller caller, SellerId seller) {
        boolean own =
                switch (caller) {
                    case Caller.Agent(var agent) -> agent.equals(seller);
                    case Caller.Holder holder ->
                            exchange.read(tx -> tx.sellers().owner(seller))
                                    .filter(holder.account()::equals)
                                    .isPresent();
                };
        if (!own) {
            throw RefusedException.notFound("seller " + seller);
        }
        return exchange.asks()
                .find(seller)
                .map(ask ->
                        new SellerExplanation(
                                seller,
                                true,
                                ask.pricePerHour(),
                                exchange.prices().reference(ask.speed() / THOUSAND),
                                exchange.recent().newest().stream()
                                        .map(order -> SellerExplainer.explain(seller, ask, order))
                                        .toList()))
                .orElseGet(() ->
                        new SellerExplanation(
                                seller,
                                false,
                                Credits.ZERO,
                                exchange.prices().reference(0),
                                List.of()));
    }

    /// What rules out slots, for a quote.
    static List<Quote.Exclusion> exclusions(Explanation why) {
        return why.reasons().stream()
                .map(reason -> new Quote.Exclusion(reason.term().toString(), reason.slots()))
                .toList();
    }

    /// What to tell a buyer whose order finds too little.
    static List<String> advice(Explanation why) {
        List<String> lines = new ArrayList<>();
        why.reasons().forEach(reason -> lines.add(reason.slots() + " slots fail " + reason.term()));
        if (why.reasons().stream().anyMatch(each -> each.term().equals(OrderSpec.FREE_TRAFFIC))) {
            lines.add("say how much traffic may be paid for to take those with a fee as well");
        }
        if (why.availableAnywhere() > why.available()) {
            lines.add(
                    "without limits of spread "
                            + why.availableAnywhere()
                            + " machines could be had");
        }
        if (why.displaceable() > 0) {
            lines.add(
                    "an order that waits would displace interruptible machines and find "
                            + why.displaceable()
                            + " more");
        }
        why.relaxations().stream()
                .limit(1)
                .forEach(change ->
                        lines.add(
                                "cheapest change: "
                                        + change
                                        + ", then "
                                        + change.pricePerHour()
                                        + " an hour"));
        return lines;
    }

    static Offer offer(SlotAsk ask) {
        return new Offer(
                ask.seller(), ask.ask(), ask.free().size(), ask.attributes().attestation());
    }
}
