// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market;

import java.util.List;

/// Finds the slots for a demand.
@FunctionalInterface
public interface MatchingEngine {
    /// The cheapest slots that meet the demand; among equal prices those that were offered first.
    Match match(List<SlotAsk> asks, Demand demand);
}
