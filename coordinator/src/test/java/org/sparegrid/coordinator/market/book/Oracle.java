// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.book;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.Constraint;
import org.sparegrid.coordinator.market.Constraints;

/// The book by plain enumeration: what every search must find, computed from the asks' attributes
/// and the constraints' own tests.
final class Oracle {
    /// An ask of the book.
    record Entry(int number, AskAttributes ask, int free, long age) {}

    /// An ask that is taken, and how many machines of it.
    record Pick(int number, int machines) {}

    private final Map<Integer, Entry> entries = new TreeMap<>();
    private long ages;

    List<Entry> entries() {
        return List.copyOf(entries.values());
    }

    void put(int number, AskAttributes ask, int free) {
        Entry old = entries.get(number);
        boolean keepsAge = old != null && old.ask.pricePerHour().equals(ask.pricePerHour());
        entries.put(number, new Entry(number, ask, free, keepsAge ? old.age : ages++));
    }

    void setFree(int number, int free) {
        put(number, entries.get(number).ask, free);
    }

    void remove(int number) {
        entries.remove(number);
    }

    long count(Constraints constraints) {
        return entries.values().stream()
                .filter(entry -> meets(entry.ask, constraints))
                .mapToLong(Entry::free)
                .sum();
    }

    List<Pick> match(Demand demand) {
        List<Entry> fitting =
                entries.values().stream()
                        .filter(entry -> entry.free > 0)
                        .filter(entry -> meets(entry.ask, demand.constraints()))
                        .filter(entry ->
                                demand.pricePerHour(entry.ask) <= demand.pricePerHourMax().nanos())
                        .sorted(
                                Comparator.comparingLong(
                                                (Entry entry) -> demand.pricePerHour(entry.ask))
                                        .thenComparing(Entry::age))
                        .toList();
        Map<String, Integer> taken = new HashMap<>();
        List<Pick> picks = new ArrayList<>();
        int missing = demand.machines();
        for (Entry entry : fitting) {
            int machines = 0;
            while (machines < entry.free && missing > 0 && isAllowed(entry.ask, demand, taken)) {
                taken.merge("country " + entry.ask.country(), 1, Integer::sum);
                taken.merge("hardware " + entry.ask.hardware(), 1, Integer::sum);
                taken.merge("owner " + entry.ask.owner(), 1, Integer::sum);
                machines++;
                missing--;
            }
            if (machines > 0) {
                picks.add(new Pick(entry.number, machines));
            }
        }
        return picks;
    }

    private static boolean isAllowed(AskAttributes ask, Demand demand, Map<String, Integer> taken) {
        return taken.getOrDefault("country " + ask.country(), 0) < demand.diversity().perCountry()
                && taken.getOrDefault("hardware " + ask.hardware(), 0)
                        < demand.diversity().perHardware()
                && taken.getOrDefault("owner " + ask.owner(), 0) < demand.diversity().perOwner();
    }

    private static boolean meets(AskAttributes ask, Constraints constraints) {
        for (Constraint constraint : constraints.all()) {
            if (!constraint.test(ask)) {
                return false;
            }
        }
        return true;
    }
}
