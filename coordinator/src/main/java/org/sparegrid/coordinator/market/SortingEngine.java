// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.Quote;

/// Sorts all offers for each demand: exact, and fast enough for some thousands of them.
public final class SortingEngine implements MatchingEngine {
    /// Cheapest first, then oldest, then by name so that the order is always the same.
    public static final Comparator<SlotAsk> ORDER =
            Comparator.comparing((SlotAsk ask) -> ask.ask().pricePerHour())
                    .thenComparing(SlotAsk::since)
                    .thenComparing(ask -> ask.seller().value());

    private record Requirement(String text, Predicate<SlotAsk> met) {}

    @Override
    public Match match(List<SlotAsk> asks, Demand demand) {
        List<Requirement> requirements = requirements(demand);
        List<Match.Taken> taken =
                asks.stream()
                        .filter(ask ->
                                requirements.stream().allMatch(needed -> needed.met.test(ask)))
                        .sorted(ORDER)
                        .flatMap(ask ->
                                ask.free().stream()
                                        .sorted(Comparator.comparingInt(SortingEngine::number))
                                        .map(slot -> new Match.Taken(slot, ask)))
                        .limit(demand.machines())
                        .toList();
        return new Match(taken, demand.machines() - taken.size(), exclusions(asks, requirements));
    }

    private static List<Requirement> requirements(Demand demand) {
        List<Requirement> all = new ArrayList<>();
        int cpus = demand.size().cpus();
        all.add(new Requirement("cpus >= " + cpus, ask -> ask.ask().size().cpus() >= cpus));
        int memory = demand.size().memoryMebibytes();
        all.add(
                new Requirement(
                        "memory >= " + memory + " MiB",
                        ask -> ask.ask().size().memoryMebibytes() >= memory));
        int disk = demand.size().diskMebibytes();
        all.add(
                new Requirement(
                        "disk >= " + disk + " MiB",
                        ask -> ask.ask().size().diskMebibytes() >= disk));
        all.add(
                new Requirement(
                        "price <= " + demand.pricePerHourMax() + " an hour",
                        ask -> ask.ask().pricePerHour().compareTo(demand.pricePerHourMax()) <= 0));
        if (!demand.emulationAllowed()) {
            all.add(
                    new Requirement(
                            "acceleration = KVM",
                            ask -> ask.ask().acceleration() == Acceleration.KVM));
        }
        for (SellerId seller : demand.except()) {
            all.add(new Requirement("not seller " + seller, ask -> !ask.seller().equals(seller)));
        }
        return all;
    }

    private static List<Quote.Exclusion> exclusions(
            List<SlotAsk> asks, List<Requirement> requirements) {
        return requirements.stream()
                .map(needed ->
                        new Quote.Exclusion(
                                needed.text,
                                asks.stream()
                                        .filter(ask -> !needed.met.test(ask))
                                        .mapToInt(ask -> ask.free().size())
                                        .sum()))
                .filter(exclusion -> exclusion.slots() > 0)
                .sorted(Comparator.comparingInt(Quote.Exclusion::slots).reversed())
                .toList();
    }

    private static int number(SlotId slot) {
        return Integer.parseInt(slot.value().substring(slot.value().indexOf('/') + 1));
    }
}
