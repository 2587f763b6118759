// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.formula;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.sparegrid.protocol.Credits;

/// What reliability costs and what it earns. Both sides are in nines, which add up, so that what
/// the buyer of a node pays is what its providers get.
///
/// @param perScuHour the price of one standard computing unit for an hour at the baseline
/// @param baseline the reliability that is included; above 0
public record Tariff(Credits perScuHour, Reliability baseline) {
    /// Nines are divided by in steps of this part.
    private static final double WEIGHT = 1e12;

    public Tariff {
        if (perScuHour.isNegative()) {
            throw new IllegalArgumentException(
                    "tariff: expected a price of 0 or more, got " + perScuHour);
        }
        if (baseline.probability() <= 0) {
            throw new IllegalArgumentException("tariff: expected a baseline above 0");
        }
    }

    /// What one node costs an hour at the baseline.
    public Credits basePerHour(Speed speed) {
        return Rounding.times(perScuHour, speed.scu());
    }

    /// What is paid an hour for more than the baseline (F4).
    ///
    /// @throws IllegalArgumentException if less than the baseline is asked for
    public Credits premiumPerHour(Speed speed, int nodes, Reliability requested) {
        return chargePerHour(speed, requested).minus(basePerHour(speed)).times(nodes);
    }

    /// What one node of the requested reliability costs an hour: the base and the premium.
    ///
    /// @throws IllegalArgumentException if less than the baseline is asked for
    public Credits chargePerHour(Speed speed, Reliability requested) {
        if (requested.compareTo(baseline) < 0) {
            throw new IllegalArgumentException(
                    "reliability: expected at least the baseline "
                            + baseline.probability()
                            + ", got "
                            + requested.probability());
        }
        return Rounding.times(perScuHour, speed.scu() * requested.nines() / baseline.nines());
    }

    /// What a provider of that reliability is paid an hour (F9).
    public Credits payPerHour(Speed speed, Reliability provider) {
        return Rounding.times(perScuHour, speed.scu() * provider.nines() / baseline.nines());
    }

    /// Divides what the buyer of one node pays among its providers by their nines, to the last
    /// billionth. Providers whose nines sum up to just what was asked for get what F9 says; if they
    /// sum up to more, all get less in proportion.
    ///
    /// @param providers at least one, not all of reliability 0
    /// @return in the order of the providers; the sum is `charge`
    public static List<Credits> divide(Credits charge, List<Reliability> providers) {
        BigInteger[] weights =
                providers.stream()
                        .map(provider -> BigInteger.valueOf(Math.round(provider.nines() * WEIGHT)))
                        .toArray(BigInteger[]::new);
        BigInteger all = Arrays.stream(weights).reduce(BigInteger.ZERO, BigInteger::add);
        if (all.signum() == 0 || charge.isNegative()) {
            throw new IllegalArgumentException(
                    "division: expected a charge and providers of some reliability");
        }
        BigInteger total = BigInteger.valueOf(charge.nanos());
        long[] shares = new long[weights.length];
        List<Integer> byRemainder = new ArrayList<>();
        long rest = charge.nanos();
        for (int i = 0; i < shares.length; i++) {
            shares[i] = total.multiply(weights[i]).divide(all).longValueExact();
            rest -= shares[i];
            byRemainder.add(i);
        }
        byRemainder.sort(
                Comparator.comparing((Integer i) -> total.multiply(weights[i]).mod(all))
                        .reversed());
        // What is left is less than one billionth each.
        byRemainder.stream().limit(rest).forEach(i -> shares[i]++);
        return Arrays.stream(shares).mapToObj(Credits::new).toList();
    }
}
