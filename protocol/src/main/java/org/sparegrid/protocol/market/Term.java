// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import java.util.List;
import java.util.stream.Collectors;

/// What a query wants of one attribute. Its text is what [Query#parse] reads.
public sealed interface Term {
    /// Names in one term.
    int NAMES_MAX = 256;

    /// Of which attribute.
    Attribute attribute();

    /// How a number is compared.
    enum Relation {
        LESS("<"),
        AT_MOST("<="),
        EQUAL("="),
        AT_LEAST(">="),
        MORE(">");

        private final String sign;

        Relation(String sign) {
            this.sign = sign;
        }

        String sign() {
            return sign;
        }
    }

    /// A bound of a number.
    ///
    /// @param value in the attribute's base units
    record Bound(Attribute attribute, Relation relation, long value) implements Term {
        public Bound {
            require(attribute, Attribute.Kind.NUMBER);
            if (value < 0) {
                throw new IllegalArgumentException(
                        attribute.label() + ": expected a number of 0 or more");
            }
        }

        @Override
        public String toString() {
            return attribute.label() + relation.sign() + Quantity.write(attribute, value);
        }
    }

    /// Yes or no.
    record Flag(Attribute attribute, boolean wanted) implements Term {
        public Flag {
            require(attribute, Attribute.Kind.FLAG);
        }

        @Override
        public String toString() {
            return (wanted ? "" : "not ") + attribute.label();
        }
    }

    /// One of some names, or none of them.
    ///
    /// @param among whether it must be one of them
    /// @param names 1 to 256 different ones, in the order they were given
    record Names(Attribute attribute, boolean among, List<String> names) implements Term {
        public Names {
            require(attribute, Attribute.Kind.NAME);
            names = List.copyOf(names);
            if (names.isEmpty()
                    || names.size() > NAMES_MAX
                    || names.stream().distinct().count() != names.size()
                    || !names.stream().allMatch(QueryReader::isName)) {
                throw new IllegalArgumentException(
                        attribute.label() + ": expected 1 to 256 different names");
            }
        }

        @Override
        public String toString() {
            String sign = names.size() == 1 ? (among ? "=" : "!=") : (among ? " in " : " not in ");
            return attribute.label()
                    + sign
                    + (names.size() == 1
                            ? QueryReader.quoted(names.getFirst())
                            : names.stream()
                                    .map(QueryReader::quoted)
                                    .collect(Collectors.joining(",", "[", "]")));
        }
    }

    /// There in all of these hours of the week.
    record Hours(WeekHours hours) implements Term {
        public Hours {
            if (hours.equals(WeekHours.NONE)) {
                throw new IllegalArgumentException("hours: expected at least one hour");
            }
        }

        @Override
        public Attribute attribute() {
            return Attribute.HOURS;
        }

        @Override
        public String toString() {
            return Attribute.HOURS.label() + " in [" + HourSpans.write(hours) + "]";
        }
    }

    private static void require(Attribute attribute, Attribute.Kind kind) {
        if (attribute.kind() != kind) {
            throw new IllegalArgumentException(attribute.label() + ": is no " + kind);
        }
    }
}
