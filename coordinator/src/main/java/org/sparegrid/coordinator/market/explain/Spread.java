// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.explain;

import java.util.HashMap;
import java.util.Map;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.Diversity;

/// Counts where the machines of an order stand.
final class Spread {
    private final Diversity limits;
    private final Map<String, Integer> countries = new HashMap<>();
    private final Map<String, Integer> hardware = new HashMap<>();
    private final Map<String, Integer> owners = new HashMap<>();

    Spread(Diversity limits) {
        this.limits = limits;
    }

    /// How many more machines of an ask the limits allow.
    int room(AskAttributes ask) {
        return Math.min(
                limits.perCountry() - countries.getOrDefault(ask.country(), 0),
                Math.min(
                        limits.perHardware() - hardware.getOrDefault(ask.hardware(), 0),
                        limits.perOwner() - owners.getOrDefault(ask.owner(), 0)));
    }

    void add(AskAttributes ask, int machines) {
        countries.merge(ask.country(), machines, Integer::sum);
        hardware.merge(ask.hardware(), machines, Integer::sum);
        owners.merge(ask.owner(), machines, Integer::sum);
    }
}
