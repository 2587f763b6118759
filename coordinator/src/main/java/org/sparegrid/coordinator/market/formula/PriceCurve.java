// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.formula;

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

    /// The price of an hour of a whole virtual cluster.
    ///
    /// @param power of all nodes together
    public Credits perHour(Speed power) {
        return base.plus(Rounding.times(factor, Math.pow(power.scu(), exponent)));
    }
}
