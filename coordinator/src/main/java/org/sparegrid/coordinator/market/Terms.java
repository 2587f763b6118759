// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.Term;
import org.sparegrid.protocol.market.WeekHours;

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

    /// The terms that want the same, as people read them. A constraint that no term can say, such
    /// as one of no names, has none.
    public static List<Term> terms(Constraint constraint) {
        return switch (constraint) {
            case Constraint.Range(var attribute, var least, var most) ->
                    bounds(attribute, least, most);
            case Constraint.Flag(var attribute, var wanted) ->
                    List.of(new Term.Flag(attribute, wanted));
            case Constraint.OneOf(var attribute, var names) -> names(attribute, true, names);
            case Constraint.NoneOf(var attribute, var names) -> names(attribute, false, names);
            case Constraint.Open(var hours) ->
                    hours.equals(WeekHours.NONE) ? List.of() : List.of(new Term.Hours(hours));
        };
    }

    private static List<Term> names(Attribute attribute, boolean among, Set<String> names) {
        return names.isEmpty()
                ? List.of()
                : List.of(new Term.Names(attribute, among, names.stream().sorted().toList()));
    }

    private static List<Term> bounds(Attribute attribute, long least, long most) {
        if (least == most && least >= 0) {
            return List.of(new Term.Bound(attribute, Term.Relation.EQUAL, least));
        }
        if (most < 0) {
            return List.of(new Term.Bound(attribute, Term.Relation.LESS, 0));
        }
        if (least > most) {
            return List.of(new Term.Bound(attribute, Term.Relation.MORE, Long.MAX_VALUE));
        }
        List<Term> bounds = new ArrayList<>();
        if (least > 0) {
            bounds.add(new Term.Bound(attribute, Term.Relation.AT_LEAST, least));
        }
        if (most < Long.MAX_VALUE) {
            bounds.add(new Term.Bound(attribute, Term.Relation.AT_MOST, most));
        }
        return bounds;
    }
}
