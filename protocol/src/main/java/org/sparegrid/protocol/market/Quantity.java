// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import java.math.BigDecimal;
import java.util.Map;

/// The numbers of a query as people write them: with decimals, and with a unit if they like.
final class Quantity {
    /// How many of the attribute's shown units one of these is; in the order people know them.
    private static final Map<String, BigDecimal> MEMORY_UNITS =
            units("MiB", "1", "GiB", "1024", "TiB", "1048576");

    private static final Map<String, BigDecimal> SPEED_UNITS =
            units("kbit", "0.001", "Mbit", "1", "Gbit", "1000");
    private static final Map<String, BigDecimal> TIME_UNITS =
            units("us", "0.001", "ms", "1", "s", "1000");
    private static final String PERCENT = "%";
    private static final BigDecimal MAX = BigDecimal.valueOf(Long.MAX_VALUE);

    private Quantity() {}

    /// The number in base units.
    ///
    /// @param text digits, perhaps decimals, perhaps a unit
    /// @throws IllegalArgumentException saying what was expected instead
    static long read(Attribute attribute, String text) {
        int end = 0;
        while (end < text.length() && (isDigit(text.charAt(end)) || text.charAt(end) == '.')) {
            end++;
        }
        String number = text.substring(0, end);
        String unit = text.substring(end);
        if (!number.matches("[0-9]{1,19}([.][0-9]{1,19})?")) {
            throw new IllegalArgumentException("expected a number");
        }
        BigDecimal shown = new BigDecimal(number);
        if (attribute == Attribute.RELIABILITY && unit.equals(PERCENT)) {
            return nines(shown);
        }
        if (!unit.isEmpty()) {
            BigDecimal factor = unitsOf(attribute).get(unit);
            if (factor == null) {
                throw new IllegalArgumentException("expected " + described(attribute));
            }
            shown = shown.multiply(factor);
        }
        BigDecimal base = shown.movePointRight(attribute.decimals()).stripTrailingZeros();
        if (base.scale() > 0) {
            throw new IllegalArgumentException(
                    attribute.decimals() == 0
                            ? ("expected a whole number of " + attribute.unit())
                                    .replaceFirst(" of $", "")
                            : "expected at most " + attribute.decimals() + " decimals");
        }
        if (base.compareTo(MAX) > 0) {
            throw new IllegalArgumentException(
                    "expected at most " + write(attribute, Long.MAX_VALUE));
        }
        return base.longValueExact();
    }

    /// The number in shown units, without needless zeros.
    static String write(Attribute attribute, long value) {
        BigDecimal shown = BigDecimal.valueOf(value, attribute.decimals()).stripTrailingZeros();
        return shown.scale() < 0 ? shown.setScale(0).toPlainString() : shown.toPlainString();
    }

    private static long nines(BigDecimal percent) {
        BigDecimal failing = BigDecimal.ONE.subtract(percent.movePointLeft(2));
        if (failing.signum() <= 0) {
            throw new IllegalArgumentException("expected less than 100 %");
        }
        return Math.round(-Math.log10(failing.doubleValue()) * 1000);
    }

    private static String described(Attribute attribute) {
        Map<String, BigDecimal> units = unitsOf(attribute);
        if (attribute == Attribute.RELIABILITY) {
            return "a number of nines or with %";
        }
        return units.isEmpty()
                ? "a number without a unit"
                : "the unit " + String.join(", ", units.keySet());
    }

    private static Map<String, BigDecimal> unitsOf(Attribute attribute) {
        return switch (attribute) {
            case MEMORY, DISK -> MEMORY_UNITS;
            case UP, DOWN -> SPEED_UNITS;
            case LATENCY -> TIME_UNITS;
            default -> Map.of();
        };
    }

    private static Map<String, BigDecimal> units(String... pairs) {
        Map<String, BigDecimal> units = new java.util.LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            units.put(pairs[i], new BigDecimal(pairs[i + 1]));
        }
        return java.util.Collections.unmodifiableMap(units);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
