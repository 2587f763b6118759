// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.book;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.sparegrid.coordinator.market.AskAttributes;

/// Every choice of a few asks of one slot each.
final class Choices {
    private Choices() {}

    /// The least of what a choice costs, with 1000 for each machine that is short of 100.
    static long best(List<AskAttributes> asks, Demand demand) {
        long best = Long.MAX_VALUE;
        for (int choice = 0; choice < 1 << asks.size(); choice++) {
            best = Math.min(best, cost(asks, demand, choice));
        }
        return best;
    }

    private static long cost(List<AskAttributes> asks, Demand demand, int choice) {
        long cost = 0;
        Map<String, Integer> ofHardware = new HashMap<>();
        for (int i = 0; i < asks.size(); i++) {
            if ((choice >>> i & 1) != 0) {
                AskAttributes ask = asks.get(i);
                int alike = ofHardware.merge(ask.hardware(), 1, Integer::sum);
                if (!demand.constraints().test(ask) || alike > demand.diversity().perHardware()) {
                    return Long.MAX_VALUE;
                }
                cost += ask.pricePerHour().nanos();
            }
        }
        int machines = Integer.bitCount(choice);
        return machines > demand.machines() ? Long.MAX_VALUE : cost + 1000L * (100 - machines);
    }
}
