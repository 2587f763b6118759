// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.explain;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BinaryOperator;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.Term;
import org.sparegrid.protocol.market.Term.Relation;
import org.sparegrid.protocol.market.WeekHours;

/// How little a term has to give for some asks to meet it.
final class Widening {
    private Widening() {}

    /// The terms to put in its place, or none if it has to go altogether.
    ///
    /// @param admitted the asks, at least one
    static Query of(Term term, List<AskAttributes> admitted) {
        return switch (term) {
            case Term.Bound(var attribute, var relation, var value) ->
                    bound(attribute, relation, value, admitted);
            case Term.Flag _ -> Query.ANY;
            case Term.Names(var attribute, var among, var names) ->
                    names(attribute, among, names, admitted);
            case Term.Hours(var hours) -> hours(hours, admitted);
        };
    }

    private static Query bound(
            Attribute attribute, Relation relation, long value, List<AskAttributes> admitted) {
        long least = admitted.stream().mapToLong(ask -> ask.number(attribute)).min().orElse(value);
        long most = admitted.stream().mapToLong(ask -> ask.number(attribute)).max().orElse(value);
        Term.Bound from = new Term.Bound(attribute, Relation.AT_LEAST, Math.min(least, value));
        Term.Bound to = new Term.Bound(attribute, Relation.AT_MOST, Math.max(most, value));
        boolean unknown = attribute == Attribute.LATENCY && most == AskAttributes.UNKNOWN_LATENCY;
        return switch (relation) {
            case LESS, AT_MOST ->
                    unknown
                            ? Query.ANY
                            : new Query(List.of(new Term.Bound(attribute, Relation.AT_MOST, most)));
            case AT_LEAST, MORE ->
                    least == 0
                            ? Query.ANY
                            : new Query(
                                    List.of(new Term.Bound(attribute, Relation.AT_LEAST, least)));
            case EQUAL -> unknown ? Query.ANY : new Query(List.of(from, to));
        };
    }

    private static Query names(
            Attribute attribute, boolean among, List<String> names, List<AskAttributes> admitted) {
        Set<String> wider = new LinkedHashSet<>(names);
        for (AskAttributes ask : admitted) {
            if (among) {
                wider.add(ask.name(attribute));
            } else {
                wider.remove(ask.name(attribute));
            }
        }
        return wider.isEmpty() || wider.size() > Term.NAMES_MAX
                ? Query.ANY
                : new Query(List.of(new Term.Names(attribute, among, new ArrayList<>(wider))));
    }

    private static Query hours(WeekHours wanted, List<AskAttributes> admitted) {
        BinaryOperator<WeekHours> both =
                (a, b) ->
                        new WeekHours(
                                a.first() & b.first(),
                                a.second() & b.second(),
                                a.third() & b.third());
        WeekHours left = admitted.stream().map(AskAttributes::hours).reduce(wanted, both);
        return left.equals(WeekHours.NONE) ? Query.ANY : new Query(List.of(new Term.Hours(left)));
    }
}
