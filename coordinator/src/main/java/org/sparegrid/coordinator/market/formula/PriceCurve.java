// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.formula;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sparegrid.protocol.Credits;

/// The reference price of computing (F1): `base + factor * power ^ exponent` an hour.
///
/// Above an exponent of 1 a large cluster is dearer a unit than a middling one: scarcity.
///
/// @param base the price of any order
/// @param factor the price of the first unit of power
/// @param exponent 0 to 2
public record PriceCurve(Credits base, Credits factor, double exponent) {
    /// The patent's own constants.
    public static final PriceCurve PATENT =
            new PriceCurve(Credits.parse("4.5"), Credits.parse("0.296"), 1.155);

    /// No price is known.
    public static final PriceCurve NONE = new PriceCurve(Credits.ZERO, Credits.ZERO, 0);

    private static final Pattern TEXT =
            Pattern.compile("([0-9.]{1,20}) ?\\+ ?([0-9.]{1,20}) ?P\\^([0-2](?:\\.[0-9]{1,6})?)");

    public PriceCurve {
        if (base.isNegative() || factor.isNegative()) {
            throw new IllegalArgumentException(
                    "price curve: expected amounts of 0 or more, got " + base + " and " + factor);
        }
        if (!(exponent >= 0 && exponent <= 2)) {
            throw new IllegalArgumentException(
                    "price curve: expected an exponent of 0 to 2, got " + exponent);
        }
    }

    /// Reads `4.5 + 0.296 P^1.155`; nothing at all is [#NONE].
    ///
    /// @throws IllegalArgumentException if it is neither
    public static PriceCurve parse(String text) {
        if (text.isEmpty()) {
            return NONE;
        }
        Matcher parts = TEXT.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "expected a price such as \"4.5 + 0.296 P^1.155\", got '" + text + "'");
        }
        return new PriceCurve(
                Credits.parse(parts.group(1)),
                Credits.parse(parts.group(2)),
                Double.parseDouble(parts.group(3)));
    }

    /// The price of an hour of a whole virtual cluster.
    ///
    /// @param power of all nodes together
    public Credits perHour(Speed power) {
        return base.plus(Rounding.times(factor, Math.pow(power.scu(), exponent)));
    }
}
