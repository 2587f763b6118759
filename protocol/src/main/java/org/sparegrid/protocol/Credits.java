// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/// An amount of money, in billionths of the currency's unit.
///
/// All arithmetic is exact and throws `ArithmeticException` rather than wrap around.
///
/// @param nanos billionths; negative amounts occur in differences only
public record Credits(long nanos) implements Comparable<Credits> {
    /// Nothing.
    public static final Credits ZERO = new Credits(0);

    /// The largest amount there is, used where no limit was set.
    public static final Credits MAX = new Credits(Long.MAX_VALUE);

    private static final int DECIMALS = 9;

    /// Reads a decimal number such as `12.5`, with at most nine decimals.
    ///
    /// @throws IllegalArgumentException if it isn't such a number or is too large
    public static Credits parse(String text) {
        if (!text.matches("-?[0-9]{1,10}([.][0-9]{1,9})?")) {
            throw new IllegalArgumentException(
                    "amount: expected a number with at most 9 decimals such as 12.50, got "
                            + Identifier.quoted(text));
        }
        try {
            return new Credits(new BigDecimal(text).movePointRight(DECIMALS).longValueExact());
        } catch (ArithmeticException tooLarge) {
            throw new IllegalArgumentException(
                    "amount: expected at most 9223372036, got " + text, tooLarge);
        }
    }

    /// What `seconds` of use cost at this price per hour, rounded down to a billionth.
    ///
    /// Bill the difference of two such values of the running total, never single steps: then no
    /// number of settlements moves the sum by more than a billionth.
    public Credits perHourFor(long seconds) {
        return new Credits(
                BigInteger.valueOf(nanos)
                        .multiply(BigInteger.valueOf(seconds))
                        .divide(BigInteger.valueOf(3600))
                        .longValueExact());
    }

    public Credits plus(Credits other) {
        return new Credits(Math.addExact(nanos, other.nanos));
    }

    public Credits minus(Credits other) {
        return new Credits(Math.subtractExact(nanos, other.nanos));
    }

    public Credits times(long factor) {
        return new Credits(Math.multiplyExact(nanos, factor));
    }

    /// What so many bytes cost at this amount for a gigabyte (10^9 bytes), rounded down.
    public Credits perGigabyteFor(long bytes) {
        return new Credits(
                BigInteger.valueOf(nanos)
                        .multiply(BigInteger.valueOf(bytes))
                        .divide(BigInteger.valueOf(1_000_000_000))
                        .longValueExact());
    }

    /// A share of this amount in hundredths of a percent, rounded down.
    public Credits basisPoints(int basisPoints) {
        return new Credits(
                BigInteger.valueOf(nanos)
                        .multiply(BigInteger.valueOf(basisPoints))
                        .divide(BigInteger.valueOf(10_000))
                        .longValueExact());
    }

    public boolean isNegative() {
        return nanos < 0;
    }

    @Override
    public int compareTo(Credits other) {
        return Long.compare(nanos, other.nanos);
    }

    /// The amount for a table, rounded half up to that many decimals.
    public String rounded(int decimals) {
        return BigDecimal.valueOf(nanos, DECIMALS)
                .setScale(decimals, RoundingMode.HALF_UP)
                .toPlainString();
    }

    /// The exact amount without needless zeros, as it stands in messages: `12.5`.
    @Override
    public String toString() {
        BigDecimal exact = BigDecimal.valueOf(nanos, DECIMALS).stripTrailingZeros();
        return exact.scale() < 0 ? exact.setScale(0).toPlainString() : exact.toPlainString();
    }
}
