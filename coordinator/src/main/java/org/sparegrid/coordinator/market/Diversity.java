// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.Placement;

/// The most machines of one order that may come from the same place.
///
/// @param perCountry from one country; machines whose country isn't known count as of one
/// @param perHardware with one kind of processor
/// @param perOwner of one owner
public record Diversity(int perCountry, int perHardware, int perOwner) {
    /// No limit.
    public static final int ANY = Integer.MAX_VALUE;

    /// As it comes.
    public static final Diversity NONE = new Diversity(ANY, ANY, ANY);

    /// The limits of an order, where 0 stands for none.
    public static Diversity of(Placement placement) {
        return new Diversity(
                limit(placement.perCountryMax()),
                limit(placement.perHardwareMax()),
                limit(placement.perOwnerMax()));
    }

    private static int limit(int most) {
        return most == 0 ? ANY : most;
    }

    public Diversity {
        if (perCountry < 1 || perHardware < 1 || perOwner < 1) {
            throw new IllegalArgumentException("diversity: expected limits of 1 or more");
        }
    }

    /// What one machine more must be like beside those that are there.
    public Constraints beside(Collection<AskAttributes> others) {
        List<Constraint> full = new ArrayList<>();
        add(full, Attribute.COUNTRY, perCountry, others);
        add(full, Attribute.HARDWARE, perHardware, others);
        add(full, Attribute.OWNER, perOwner, others);
        return new Constraints(full);
    }

    private static void add(
            List<Constraint> full, Attribute of, int most, Collection<AskAttributes> others) {
        Map<String, Integer> counts = new HashMap<>();
        others.forEach(other -> counts.merge(other.name(of), 1, Integer::sum));
        counts.values().removeIf(count -> count < most);
        if (!counts.isEmpty()) {
            full.add(new Constraint.NoneOf(of, counts.keySet()));
        }
    }
}
