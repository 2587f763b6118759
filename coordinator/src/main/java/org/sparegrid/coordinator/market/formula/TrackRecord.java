// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.formula;

/// How often a provider did what it was asked to.
///
/// @param kept how many times it did, such as leases that ran to their end
/// @param broken how many times it did not
public record TrackRecord(long kept, long broken) {
    /// Nothing is known.
    public static final TrackRecord NONE = new TrackRecord(0, 0);

    /// The part of the believable values that lies below the one we believe.
    private static final double QUANTILE = 0.1;

    /// Halvings of an interval of length 1; further ones change nothing in a double.
    private static final int STEPS = 60;

    /// Enough for numbers of some millions; with more of them the rest is far below 1e-6.
    private static final int FRACTION_TERMS_MAX = 20_000;

    public TrackRecord {
        if (kept < 0 || broken < 0 || kept > 1_000_000_000 || broken > 1_000_000_000) {
            throw new IllegalArgumentException(
                    "track record: expected 0 to 1000000000, got " + kept + " and " + broken);
        }
    }

    /// What may safely be believed: the value that the true one exceeds nine times out of ten. Who
    /// is unknown starts at 0.1.
    ///
    /// The believable values, having seen this and nothing else, have a beta distribution.
    public Reliability reliability() {
        double low = 0;
        double high = 1;
        for (int i = 0; i < STEPS; i++) {
            double middle = (low + high) / 2;
            if (belowShare(middle, kept + 1.0, broken + 1.0) < QUANTILE) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return Reliability.measured(low);
    }

    /// The beta distribution's function at `x`, by its continued fraction.
    ///
    /// Source: NIST Digital Library of Mathematical Functions, 8.17.22 and 8.17.4.
    private static double belowShare(double x, double a, double b) {
        if (x <= 0 || x >= 1) {
            return x <= 0 ? 0 : 1;
        }
        if (x > (a + 1) / (a + b + 2)) {
            return 1 - belowShare(1 - x, b, a);
        }
        double front =
                Math.exp(
                                a * Math.log(x)
                                        + b * Math.log1p(-x)
                                        + logGamma(a + b)
                                        - logGamma(a)
                                        - logGamma(b))
                        / a;
        return front / fraction(x, a, b);
    }

    /// The fraction `1 + d1/(1 + d2/(1 + ...))`, by Lentz's method.
    private static double fraction(double x, double a, double b) {
        double value = 1;
        double c = 1;
        double d = 0;
        for (int i = 1; i <= FRACTION_TERMS_MAX; i++) {
            int m = i / 2;
            double term =
                    i % 2 == 0
                            ? m * (b - m) * x / ((a + i - 1) * (a + i))
                            : -(a + m) * (a + b + m) * x / ((a + i - 1) * (a + i));
            d = 1 / away(1 + term * d);
            c = away(1 + term / c);
            value *= c * d;
            if (Math.abs(c * d - 1) < 1e-14) {
                break;
            }
        }
        return value;
    }

    private static double away(double fromZero) {
        return Math.abs(fromZero) < 1e-300 ? 1e-300 : fromZero;
    }

    /// The logarithm of the gamma function for arguments of 1 and more, by Stirling's series.
    ///
    /// Source: NIST Digital Library of Mathematical Functions, 5.11.1 and 5.5.1.
    private static double logGamma(double argument) {
        double x = argument;
        double shift = 0;
        while (x < 10) {
            shift += Math.log(x);
            x++;
        }
        double square = x * x;
        double series =
                (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - 1.0 / 1680 / square) / square) / square) / x;
        return (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + series - shift;
    }
}
