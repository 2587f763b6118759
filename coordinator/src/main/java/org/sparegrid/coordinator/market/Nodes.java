// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.sparegrid.coordinator.market.formula.Reliability;
import org.sparegrid.coordinator.market.formula.VirtualNode;
import org.sparegrid.protocol.Credits;

/// Makes nodes of a reliability out of machines on offer. The machines of one node belong to
/// different owners, since one owner's machines fail together.
public final class Nodes {
    /// The offers of one node that are weighed against each other; more of them make the choice
    /// slow and hardly ever cheaper.
    private static final int OFFERS_MAX = 48;

    private Nodes() {}

    /// An offer.
    ///
    /// @param ask the offer
    /// @param reliability what is believed of it for the order's time
    /// @param pricePerHour with the fee for its share of the order's traffic
    public record Candidate(SlotAsk ask, Reliability reliability, Credits pricePerHour) {
        String owner() {
            return ask.attributes().owner();
        }

        double pricePerNine() {
            return pricePerHour.nanos() / reliability.nines();
        }
    }

    /// Nodes, each as cheap as can be after those before it.
    ///
    /// @param candidates any offers that meet the order's terms
    /// @param count how many nodes are wanted
    /// @param requested what each must be
    /// @param pricePerHourMax of one node, with the fees
    /// @param replicasMax machines of one node
    /// @return as many nodes as could be made
    public static List<VirtualNode<Candidate>> choose(
            List<Candidate> candidates,
            int count,
            Reliability requested,
            Credits pricePerHourMax,
            int replicasMax) {
        Map<SlotAsk, Integer> free = new HashMap<>();
        candidates.forEach(each -> free.put(each.ask(), each.ask().free().size()));
        List<VirtualNode<Candidate>> nodes = new ArrayList<>();
        while (nodes.size() < count) {
            var node =
                    VirtualNode.of(providers(candidates, free), requested)
                            .filter(each -> each.replicas().size() <= replicasMax)
                            .filter(each -> each.pricePerHour().compareTo(pricePerHourMax) <= 0);
            if (node.isEmpty()) {
                return nodes;
            }
            nodes.add(node.get());
            node.get().replicas().forEach(each -> free.merge(each.what().ask(), -1, Integer::sum));
        }
        return nodes;
    }

    /// The slots that nodes are made of, node by node.
    ///
    /// @param nodes made of offers as they are
    public static List<Match.Taken> slots(List<VirtualNode<Candidate>> nodes) {
        List<Match.Taken> slots = new ArrayList<>();
        Map<SlotAsk, Integer> used = new HashMap<>();
        for (VirtualNode<Candidate> node : nodes) {
            for (VirtualNode.Provider<Candidate> replica : node.replicas()) {
                SlotAsk ask = replica.what().ask();
                int next = used.merge(ask, 1, Integer::sum) - 1;
                slots.add(new Match.Taken(ask.free().get(next), ask));
            }
        }
        return slots;
    }

    /// Of each owner the offer that gives most for its price, as far as slots are left.
    private static List<VirtualNode.Provider<Candidate>> providers(
            List<Candidate> candidates, Map<SlotAsk, Integer> free) {
        Map<String, Candidate> byOwner = new HashMap<>();
        for (Candidate each : candidates) {
            if (free.getOrDefault(each.ask(), 0) > 0 && each.reliability().probability() > 0) {
                byOwner.merge(
                        each.owner(),
                        each,
                        (one, other) -> other.pricePerNine() < one.pricePerNine() ? other : one);
            }
        }
        return byOwner.values().stream()
                .sorted(
                        Comparator.comparingDouble(Candidate::pricePerNine)
                                .thenComparing(each -> each.ask().seller().value()))
                .limit(OFFERS_MAX)
                .map(each ->
                        new VirtualNode.Provider<>(each, each.pricePerHour(), each.reliability()))
                .toList();
    }
}
