// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market;

import java.util.Set;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.Attribute.Kind;
import org.sparegrid.protocol.market.WeekHours;

/// What an order wants of one attribute.
public sealed interface Constraint {
    /// Names in one constraint, as every one costs a comparison.
    int NAMES_MAX = 256;

    /// Of which attribute.
    Attribute attribute();

    /// Whether an ask meets it.
    boolean test(AskAttributes ask);

    /// A number from `least` to `most`, both included, in base units.
    record Range(Attribute attribute, long least, long most) implements Constraint {
        public Range {
            check(attribute, Kind.NUMBER);
        }

        /// `least` or more.
        public static Range atLeast(Attribute attribute, long least) {
            return new Range(attribute, least, Long.MAX_VALUE);
        }

        /// `most` or less.
        public static Range atMost(Attribute attribute, long most) {
            return new Range(attribute, Long.MIN_VALUE, most);
        }

        @Override
        public boolean test(AskAttributes ask) {
            long value = ask.number(attribute);
            return value >= least && value <= most;
        }
    }

    /// Yes or no.
    record Flag(Attribute attribute, boolean wanted) implements Constraint {
        public Flag {
            check(attribute, Kind.FLAG);
        }

        @Override
        public boolean test(AskAttributes ask) {
            return ask.flag(attribute) == wanted;
        }
    }

    /// One of these names.
    record OneOf(Attribute attribute, Set<String> names) implements Constraint {
        public OneOf {
            check(attribute, Kind.NAME);
            names = checked(names);
        }

        @Override
        public boolean test(AskAttributes ask) {
            return names.contains(ask.name(attribute));
        }
    }

    /// None of these names.
    record NoneOf(Attribute attribute, Set<String> names) implements Constraint {
        public NoneOf {
            check(attribute, Kind.NAME);
            names = checked(names);
        }

        @Override
        public boolean test(AskAttributes ask) {
            return !names.contains(ask.name(attribute));
        }
    }

    /// There in all of these hours.
    record Open(WeekHours hours) implements Constraint {
        @Override
        public Attribute attribute() {
            return Attribute.HOURS;
        }

        @Override
        public boolean test(AskAttributes ask) {
            return ask.hours().covers(hours);
        }
    }

    private static void check(Attribute attribute, Kind expected) {
        if (attribute.kind() != expected) {
            throw new IllegalArgumentException(
                    attribute.label() + ": expected to compare " + attribute.kind());
        }
    }

    private static Set<String> checked(Set<String> names) {
        if (names.size() > NAMES_MAX) {
            throw new IllegalArgumentException(
                    "expected at most " + NAMES_MAX + " names, got " + names.size());
        }
        return Set.copyOf(names);
    }
}
