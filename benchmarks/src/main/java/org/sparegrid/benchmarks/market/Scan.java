// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.benchmarks.market;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.book.Demand;

/// The oracle: tests every ask, sorts what is left, takes in that order what the limits allow. Each
/// ask has one slot, and its number is its age.
final class Scan {
    private final List<AskAttributes> asks;

    Scan(List<AskAttributes> asks) {
        this.asks = asks;
    }

    List<Integer> match(Demand demand) {
        List<Integer> fitting = new ArrayList<>();
        for (int i = 0; i < asks.size(); i++) {
            AskAttributes ask = asks.get(i);
            if (demand.pricePerHour(ask) <= demand.pricePerHourMax().nanos()
                    && demand.constraints().test(ask)) {
                fitting.add(i);
            }
        }
        fitting.sort(
                Comparator.comparingLong((Integer ask) -> demand.pricePerHour(asks.get(ask)))
                        .thenComparing(Comparator.naturalOrder()));
        List<Integer> taken = new ArrayList<>();
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < fitting.size() && taken.size() < demand.machines(); i++) {
            if (isAllowed(asks.get(fitting.get(i)), demand, counts)) {
                taken.add(fitting.get(i));
            }
        }
        return taken;
    }

    private static boolean isAllowed(
            AskAttributes ask, Demand demand, Map<String, Integer> counts) {
        String country = "country " + ask.country();
        String hardware = "hardware " + ask.hardware();
        String owner = "owner " + ask.owner();
        boolean allowed =
                counts.getOrDefault(country, 0) < demand.diversity().perCountry()
                        && counts.getOrDefault(hardware, 0) < demand.diversity().perHardware()
                        && counts.getOrDefault(owner, 0) < demand.diversity().perOwner();
        if (allowed) {
            counts.merge(country, 1, Integer::sum);
            counts.merge(hardware, 1, Integer::sum);
            counts.merge(owner, 1, Integer::sum);
        }
        return allowed;
    }
}
