// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.sparegrid.coordinator.market.Constraint;
import org.sparegrid.coordinator.market.Constraints;
import org.sparegrid.coordinator.market.Diversity;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.WeekHours;

/// What an order wants of each machine, wish by wish.
///
/// @param wishes in the order in which people name them
record Wishes(List<Wish> wishes) {
    Wishes {
        wishes = List.copyOf(wishes);
    }

    /// A wish in words and as the market compares it.
    record Wish(String text, Constraint constraint) {}

    /// What an order wants whose machines start at that time.
    static Wishes of(OrderSpec spec, Instant start) {
        MachineSize size = spec.size();
        List<Wish> wishes = new ArrayList<>();
        wishes.add(least("cpus >= " + size.cpus(), Attribute.CORES, size.cpus()));
        long memory = size.memoryMebibytes();
        wishes.add(least("memory >= " + memory + " MiB", Attribute.MEMORY, memory));
        long disk = size.diskMebibytes();
        wishes.add(least("disk >= " + disk + " MiB", Attribute.DISK, disk));
        wishes.add(
                new Wish(
                        "price <= " + spec.pricePerHourMax() + " an hour",
                        Constraint.Range.atMost(Attribute.PRICE, spec.pricePerHourMax().nanos())));
        if (!spec.emulationAllowed()) {
            wishes.add(new Wish("acceleration = KVM", new Constraint.Flag(Attribute.KVM, true)));
        }
        Duration length =
                spec.placement().firm() ? Duration.ofSeconds(spec.secondsMax()) : Duration.ZERO;
        wishes.add(
                new Wish(
                        spec.placement().firm() ? "there all the time" : "there now",
                        new Constraint.Open(WeekHours.touchedBy(start, length))));
        return new Wishes(wishes);
    }

    private static Wish least(String text, Attribute attribute, long least) {
        return new Wish(text, Constraint.Range.atLeast(attribute, least));
    }

    Constraints constraints() {
        return new Constraints(wishes.stream().map(Wish::constraint).toList());
    }

    /// What that many machines of an order need of the market.
    static Demand demand(OrderSpec spec, int machines, Instant start) {
        return new Demand(
                machines,
                of(spec, start).constraints(),
                spec.pricePerHourMax(),
                0,
                Diversity.of(spec.placement()));
    }
}
