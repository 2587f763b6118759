// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.sparegrid.coordinator.market.Constraints;
import org.sparegrid.coordinator.market.Match;
import org.sparegrid.coordinator.market.Nodes;
import org.sparegrid.coordinator.market.SlotAsk;
import org.sparegrid.coordinator.market.formula.Reliability;
import org.sparegrid.coordinator.market.formula.VirtualNode;
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
record Choice(Match match, List<Integer> ranks, List<Quote.Node> nodes) {
    /// What an order would get now; nothing is taken.
    static Choice look(Exchange exchange, OrderSpec spec, Access access, Instant now) {
        if (!access.only().isEmpty()) {
            return plain(exchange.asks().match(limited(spec, access, now), access.only(), false));
        }
        return spec.placement().reliability() == 0
                ? plain(exchange.asks().match(access.limit(demand(spec, now)), access.except()))
                : nodes(exchange, spec, access, now);
    }

    /// What an order gets: unless machines are missing, its slots are sold from now on.
    ///
    /// @param looked what was found shortly before; nodes are chosen again only if others took one
    static Choice take(
            Exchange exchange, OrderSpec spec, Access access, Choice looked, Instant now) {
        if (!access.only().isEmpty()) {
            return plain(exchange.asks().match(limited(spec, access, now), access.only(), true));
        }
        if (spec.placement().reliability() == 0) {
            return plain(
                    exchange.asks()
                            .take(access.limit(demand(spec, now)), access.except(), List.of()));
        }
        if (looked.match.missing() > 0 || exchange.asks().take(looked.match.slots())) {
            return looked;
        }
        Choice again = nodes(exchange, spec, access, now);
        boolean had = again.match.missing() > 0 || exchange.asks().take(again.match.slots());
        return had
                ? again
                : new Choice(new Match(List.of(), spec.machines()), List.of(), List.of());
    }

    private static org.sparegrid.coordinator.market.book.Demand demand(
            OrderSpec spec, Instant now) {
        return Wishes.demand(spec, spec.machines(), now);
    }

    private static org.sparegrid.coordinator.market.book.Demand limited(
            OrderSpec spec, Access access, Instant now) {
        return access.limit(demand(spec, now));
    }

    private static Choice plain(Match match) {
        return new Choice(
                match, IntStream.range(0, match.slots().size()).boxed().toList(), List.of());
    }

    private static Choice nodes(Exchange exchange, OrderSpec spec, Access access, Instant now) {
        int count = spec.machines();
        Constraints wanted = access.limit(demand(spec, now)).constraints();
        Duration length = Duration.ofSeconds(spec.secondsMax());
        List<Nodes.Candidate> candidates =
                exchange.asks().candidates(wanted, count, access.except()).stream()
                        .map(ask -> new Nodes.Candidate(ask, ask.known().over(now, length)))
                        .toList();
        List<VirtualNode<Nodes.Candidate>> chosen =
                Nodes.choose(
                        candidates,
                        count,
                        new Reliability(spec.placement().reliability()),
                        spec.pricePerHourMax(),
                        spec.placement().replicasMax(count));
        List<Match.Taken> slots = new ArrayList<>();
        List<Integer> ranks = new ArrayList<>();
        Map<SlotAsk, Integer> used = new HashMap<>();
        for (int node = 0; node < chosen.size(); node++) {
            int rank = node;
            for (VirtualNode.Provider<Nodes.Candidate> replica : chosen.get(node).replicas()) {
                SlotAsk ask = replica.what().ask();
                int next = used.merge(ask, 1, Integer::sum) - 1;
                slots.add(new Match.Taken(ask.free().get(next), ask));
                ranks.add(rank);
                rank += count;
            }
        }
        return new Choice(
                new Match(slots, count - chosen.size()),
                ranks,
                chosen.stream()
                        .map(node ->
                                new Quote.Node(
                                        node.reliability().probability(),
                                        node.replicas().size(),
                                        node.pricePerHour()))
                        .toList());
    }
}
