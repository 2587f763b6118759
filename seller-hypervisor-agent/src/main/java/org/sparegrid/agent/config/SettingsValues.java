// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Takes values out of a TOML table and collects every fault.
final class SettingsValues {
    private static final Pattern AMOUNT = Pattern.compile("([0-9]{1,9}) *([A-Za-z/]+)");

    private final Map<?, ?> values;
    private final List<String> faults;

    SettingsValues(Map<?, ?> values, List<String> faults) {
        this.values = values;
        this.faults = faults;
    }

    /// The unit of an amount.
    ///
    /// @param names the smallest first, each with its worth in the smallest
    record Unit(List<Name> names) {
        static final Unit MEBIBYTES = of("MiB", 1, "GiB", 1024);
        static final Unit SECONDS =
                new Unit(List.of(new Name("s", 1), new Name("min", 60), new Name("h", 3600)));
        static final Unit DISK_RATE = of("MiB/s", 1, "GiB/s", 1024);
        static final Unit RATE = of("kbit/s", 1, "Mbit/s", 1000);

        Unit {
            names = List.copyOf(names);
        }

        /// One name of the unit.
        record Name(String text, long worth) {}

        private static Unit of(String small, long one, String large, long many) {
            return new Unit(List.of(new Name(small, one), new Name(large, many)));
        }

        private String smallest() {
            return names.getFirst().text();
        }

        /// What the name is worth, or 0 if there is no such name.
        private long worth(String name) {
            return names.stream()
                    .filter(n -> n.text().equals(name))
                    .mapToLong(Name::worth)
                    .findFirst()
                    .orElse(0);
        }
    }

    <T> T text(String key, String fallback, Function<String, T> read) {
        Object value = values.get(key);
        if (value != null && !(value instanceof String) && !(value instanceof Number)) {
            faults.add(key + ": expected text in quotes, got " + value);
        } else if (value != null) {
            try {
                return read.apply(String.valueOf(value));
            } catch (IllegalArgumentException bad) {
                faults.add(key + ": " + bad.getMessage());
            }
        }
        return read.apply(fallback);
    }

    int number(String key, int fallback, int least, int most) {
        Object value = values.get(key);
        if (value instanceof Integer number && number >= least && number <= most) {
            return number;
        }
        if (value != null) {
            faults.add(
                    key + ": expected a number from " + least + " to " + most + ", got " + value);
        }
        return fallback;
    }

    boolean flag(String key, boolean fallback) {
        Object value = values.get(key);
        if (value != null && !(value instanceof Boolean)) {
            faults.add(key + ": expected true or false, got " + value);
        }
        return value instanceof Boolean flag ? flag : fallback;
    }

    long amount(String key, String fallback, long least, long most, Unit unit) {
        return text(key, fallback, text -> amount(text, least, most, unit));
    }

    Duration span(String key, String fallback, long leastSeconds, long mostSeconds) {
        return Duration.ofSeconds(amount(key, fallback, leastSeconds, mostSeconds, Unit.SECONDS));
    }

    /// A list of texts, each checked by `check`; a text is a list of one.
    List<String> texts(String key, int most, Function<String, String> check) {
        Object value = values.get(key);
        if (value instanceof String text) {
            value = List.of(text);
        }
        List<String> texts = new ArrayList<>();
        if (value instanceof List<?> list && list.size() <= most) {
            for (Object each : list) {
                try {
                    texts.add(check.apply(String.valueOf(each)));
                } catch (IllegalArgumentException bad) {
                    faults.add(key + ": " + bad.getMessage());
                }
            }
        } else if (value != null) {
            faults.add(key + ": expected a list of at most " + most + ", got " + value);
        }
        return texts;
    }

    private static long amount(String text, long least, long most, Unit unit) {
        Matcher parts = AMOUNT.matcher(text);
        long worth = parts.matches() ? unit.worth(parts.group(2)) : 0;
        if (worth == 0) {
            List<String> names = unit.names().stream().map(Unit.Name::text).toList();
            throw new IllegalArgumentException(
                    "expected a number and " + String.join(" or ", names) + ", got " + text);
        }
        long amount = Long.parseLong(parts.group(1)) * worth;
        if (amount < least || amount > most) {
            throw new IllegalArgumentException(
                    "expected " + least + " to " + most + " " + unit.smallest() + ", got " + text);
        }
        return amount;
    }
}
