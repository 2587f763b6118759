// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market;

import java.util.Set;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.protocol.market.OrderSpec;

/// What an order needs of the market.
///
/// @param machines how many slots
/// @param size the least size of each
/// @param pricePerHourMax the most to pay for an hour of one
/// @param emulationAllowed whether slots without KVM will do
/// @param except sellers that are not wanted, as they failed before
public record Demand(
        int machines,
        MachineSize size,
        Credits pricePerHourMax,
        boolean emulationAllowed,
        Set<SellerId> except) {
    public Demand {
        except = Set.copyOf(except);
    }

    /// All that the order asks for.
    public static Demand of(OrderSpec spec) {
        return new Demand(
                spec.machines(),
                spec.size(),
                spec.pricePerHourMax(),
                spec.emulationAllowed(),
                Set.of());
    }
}
