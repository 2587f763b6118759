// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import java.math.BigInteger;
import org.sparegrid.protocol.Credits;

/// How much of its disk a seller's computer keeps for buyers' volumes, and for how much.
///
/// @param gibibytes for all volumes together, 0 for none, at most 1,000,000
/// @param pricePerMonth for one GiB and 30 days
public record VolumeOffer(int gibibytes, Credits pricePerMonth) {
    /// Keeps nothing.
    public static final VolumeOffer NONE = new VolumeOffer(0, Credits.ZERO);

    /// The most that one computer may offer.
    public static final int GIBIBYTES_MAX = 1_000_000;

    /// What the market calls a month.
    public static final long MONTH_SECONDS = 30 * 86_400;

    public VolumeOffer {
        if (gibibytes < 0 || gibibytes > GIBIBYTES_MAX) {
            throw new IllegalArgumentException(
                    "volumes: expected 0 to " + GIBIBYTES_MAX + " GiB, got " + gibibytes);
        }
        if (pricePerMonth.isNegative() || pricePerMonth.compareTo(Ask.PRICE_MAX) > 0) {
            throw new IllegalArgumentException(
                    "volumes: expected a price of 0 to "
                            + Ask.PRICE_MAX
                            + " for a GiB and month, got "
                            + pricePerMonth);
        }
    }

    /// What it costs to keep so many GiB for so long at a price for one GiB and month, rounded down
    /// to a billionth.
    ///
    /// Bill the difference of two such values of the running total, as [Credits#perHourFor] says.
    public static Credits cost(Credits pricePerMonth, int gibibytes, long seconds) {
        return new Credits(
                BigInteger.valueOf(pricePerMonth.nanos())
                        .multiply(BigInteger.valueOf(gibibytes))
                        .multiply(BigInteger.valueOf(seconds))
                        .divide(BigInteger.valueOf(MONTH_SECONDS))
                        .longValueExact());
    }

    /// The most seconds that cost no more than `money`; `Long.MAX_VALUE` if it costs nothing.
    public static long seconds(Credits money, Credits pricePerMonth, int gibibytes) {
        BigInteger rate =
                BigInteger.valueOf(pricePerMonth.nanos()).multiply(BigInteger.valueOf(gibibytes));
        if (money.isNegative() || rate.signum() == 0) {
            return money.isNegative() ? 0 : Long.MAX_VALUE;
        }
        // A cost is rounded down: it is within the money while it is below that and a billionth.
        return BigInteger.valueOf(money.nanos())
                .add(BigInteger.ONE)
                .multiply(BigInteger.valueOf(MONTH_SECONDS))
                .subtract(BigInteger.ONE)
                .divide(rate)
                .min(BigInteger.valueOf(Long.MAX_VALUE))
                .longValueExact();
    }
}
