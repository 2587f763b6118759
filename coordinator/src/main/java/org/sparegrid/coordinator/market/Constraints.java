// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market;

import java.util.List;
import java.util.stream.Stream;

/// All that an order wants of an ask; every one of them must be met.
///
/// @param all at most [#COUNT_MAX]
public record Constraints(List<Constraint> all) {
    /// Constraints of one order: two for each attribute are plenty.
    public static final int COUNT_MAX = 64;

    /// Anything will do.
    public static final Constraints NONE = new Constraints(List.of());

    public Constraints {
        all = List.copyOf(all);
        if (all.size() > COUNT_MAX) {
            throw new IllegalArgumentException(
                    "expected at most " + COUNT_MAX + " constraints, got " + all.size());
        }
    }

    /// These constraints.
    public static Constraints of(Constraint... all) {
        return new Constraints(List.of(all));
    }

    /// These and the others.
    public Constraints and(Constraints more) {
        return new Constraints(Stream.concat(all.stream(), more.all.stream()).toList());
    }

    /// Whether an ask meets all of them.
    public boolean test(AskAttributes ask) {
        for (Constraint constraint : all) {
            if (!constraint.test(ask)) {
                return false;
            }
        }
        return true;
    }
}
