// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.sparegrid.coordinator.market.Constraints;
import org.sparegrid.coordinator.market.Match;
import org.sparegrid.coordinator.market.Nodes;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.coordinator.market.formula.Reliability;
import org.sparegrid.coordinator.market.formula.VirtualNode;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.Quote;

/// The machines for an order, and which of its machines each of them is to be.
///
/// An order that asks for a reliability gets nodes of several machines. The first machines of its
/// `n` nodes have the ranks 0 to n-1, the second ones the ranks from n on, and so on.
///
/// @param match the slots
/// @param ranks for each slot
/// @param nodes what they make, if the order asks for a reliability
/// @param weighed what those were chosen by
record Choice(Match match, List<Integer> ranks, List<Quote.Node> nodes, Weighed weighed) {
    /// What an order would get now; nothing is taken.
    static Choice look(Exchange exchange, OrderSpec spec, Access access, Instant now) {
        if (!access.only().isEmpty()) {
            return plain(exchange.asks().matchOnly(limited(spec, access, now), access));
        }
        return spec.placement().reliability() == 0
                ? plain(exchange.asks().match(access.limit(demand(spec, now)), access))
                : nodes(exchange, spec, access, now);
    }

    /// What an hour of the nodes costs more than as many single machines, with the fees for their
    /// traffic (F4, at the prices that are asked instead of a tariff's).
    Credits premium(Exchange exchange, OrderSpec spec, Access access, Instant now) {
        if (nodes.isEmpty()) {
            return Credits.ZERO;
        }
        Demand wanted = access.limit(Wishes.demand(spec, nodes.size(), now));
        Match single = exchange.asks().match(wanted, access);
        if (single.missing() > 0) {
            return Credits.ZERO;
        }
        Credits price =
                nodes.stream().map(Quote.Node::pricePerHour).reduce(Credits.ZERO, Credits::plus);
        for (Match.Taken taken : single.slots()) {
            price = price.minus(spec.pricePerHour(taken.from().ask()));
        }
        return price;
    }

    /// What an order gets: unless machines are missing, its slots are sold from now on.
    ///
    /// @param looked what was found shortly before; nodes are chosen again only if others took one
    static Choice take(
            Exchange exchange,
            OrderId order,
            OrderSpec spec,
            Access access,
            Choice looked,
            Instant now) {
        Asks asks = exchange.asks();
        if (!access.only().isEmpty()) {
            return plain(asks.takeOnly(order, limited(spec, access, now), access));
        }
        if (spec.placement().reliability() == 0) {
            Demand demand = limited(spec, access, now);
            return plain(asks.take(order, demand, access));
        }
        if (take(asks, order, looked, access)) {
            return looked;
        }
        Choice again = nodes(exchange, spec, access, now);
        return take(asks, order, again, access)
                ? again
                : new Choice(
                        new Match(List.of(), spec.machines()),
                        List.of(),
                        List.of(),
                        Weighed.NOTHING);
    }

    /// Whether it stands: its slots are sold now, or it lacks some.
    private static boolean take(Asks asks, OrderId order, Choice choice, Access access) {
        return asks.take(order, choice.match, choice.weighed, access) || choice.match.missing() > 0;
    }

    private static Demand demand(OrderSpec spec, Instant now) {
        return Wishes.demand(spec, spec.machines(), now);
    }

    private static Demand limited(OrderSpec spec, Access access, Instant now) {
        return access.limit(demand(spec, now));
    }

    private static Choice plain(Match match) {
        return new Choice(
                match,
                IntStream.range(0, match.slots().size()).boxed().toList(),
                List.of(),
                Weighed.NOTHING);
    }

    private static Choice nodes(Exchange exchange, OrderSpec spec, Access access, Instant now) {
        int count = spec.machines();
        Constraints wanted = access.limit(demand(spec, now)).constraints();
        Duration length = Duration.ofSeconds(spec.secondsMax());
        Matching.Shortlisted listed =
                exchange.asks().candidates(wanted, count, spec.megabytesPerHour(), access);
        List<Nodes.Candidate> candidates =
                listed.offers().stream()
                        .map(ask ->
                                new Nodes.Candidate(
                                        ask,
                                        ask.known().over(now, length),
                                        Demand.carrying(ask.attributes(), spec.megabytesPerHour())
                                                .pricePerHour()))
                        .toList();
        List<VirtualNode<Nodes.Candidate>> chosen =
                Nodes.choose(
                        candidates,
                        count,
                        new Reliability(spec.placement().reliability()),
                        spec.pricePerHourMax(),
                        spec.placement().replicasMax(count));
        List<Integer> ranks = new ArrayList<>();
        for (int node = 0; node < chosen.size(); node++) {
            int rank = node;
            for (var _ : chosen.get(node).replicas()) {
                ranks.add(rank);
                rank += count;
            }
        }
        return new Choice(
                new Match(Nodes.slots(chosen), count - chosen.size()),
                ranks,
                chosen.stream()
                        .map(node ->
                                new Quote.Node(
                                        node.reliability().probability(),
                                        node.replicas().size(),
                                        node.pricePerHour()))
                        .toList(),
                Weighed.of(
                        spec,
                        listed.ticket(),
                        candidates.stream()
                                .map(each -> each.reliability().probability())
                                .toList()));
    }
}
