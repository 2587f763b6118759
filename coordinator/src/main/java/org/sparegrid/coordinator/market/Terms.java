// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market;

import java.util.Set;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.Term;

/// Makes of what people write what the market compares.
public final class Terms {
    private Terms() {}

    /// What a query wants.
    public static Constraints constraints(Query query) {
        return new Constraints(query.terms().stream().map(Terms::constraint).toList());
    }

    /// What a term wants.
    public static Constraint constraint(Term term) {
        return switch (term) {
            case Term.Bound(var attribute, var relation, var value) ->
                    switch (relation) {
                        case LESS -> Constraint.Range.atMost(attribute, value - 1);
                        case AT_MOST -> Constraint.Range.atMost(attribute, value);
                        case EQUAL -> new Constraint.Range(attribute, value, value);
                        case AT_LEAST -> Constraint.Range.atLeast(attribute, value);
                        case MORE ->
                                value == Long.MAX_VALUE
                                        // No number is more, so the range is empty.
                                        ? new Constraint.Range(attribute, value, value - 1)
                                        : Constraint.Range.atLeast(attribute, value + 1);
                    };
            case Term.Flag(var attribute, var wanted) -> new Constraint.Flag(attribute, wanted);
            case Term.Names(var attribute, var among, var names) ->
                    among
                            ? new Constraint.OneOf(attribute, Set.copyOf(names))
                            : new Constraint.NoneOf(attribute, Set.copyOf(names));
            case Term.Hours(var hours) -> new Constraint.Open(hours);
        };
    }
}
