// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.book;

import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.Constraints;
import org.sparegrid.coordinator.market.Diversity;
import org.sparegrid.protocol.Credits;

/// What an order needs of the market.
///
/// @param machines how many, 1 to [#MACHINES_MAX]
/// @param constraints what each must be like
/// @param pricePerHourMax the most to pay for an hour of one, network fee included
/// @param megabytesPerHour what each is expected to send and receive, which the network fee is for;
///   0 to [#MEGABYTES_MAX]
/// @param diversity how they are spread
public record Demand(
        int machines,
        Constraints constraints,
        Credits pricePerHourMax,
        int megabytesPerHour,
        Diversity diversity) {
    /// Machines of one order.
    public static final int MACHINES_MAX = 4096;

    /// A line of 10 Gbit/s in use all the time.
    public static final int MEGABYTES_MAX = 4_500_000;

    private static final int MEGABYTES_A_GIGABYTE = 1000;

    public Demand {
        if (machines < 1 || machines > MACHINES_MAX) {
            throw new IllegalArgumentException(
                    "machines: expected 1 to " + MACHINES_MAX + ", got " + machines);
        }
        if (pricePerHourMax.isNegative()) {
            throw new IllegalArgumentException("price: expected 0 or more, got " + pricePerHourMax);
        }
        if (megabytesPerHour < 0 || megabytesPerHour > MEGABYTES_MAX) {
            throw new IllegalArgumentException(
                    "traffic: expected 0 to " + MEGABYTES_MAX + " MB/h, got " + megabytesPerHour);
        }
    }

    /// That many of the cheapest, whatever they are like.
    public static Demand of(int machines, Constraints constraints, Credits pricePerHourMax) {
        return new Demand(machines, constraints, pricePerHourMax, 0, Diversity.NONE);
    }

    /// The same with more constraints.
    public Demand and(Constraints more) {
        return new Demand(
                machines, constraints.and(more), pricePerHourMax, megabytesPerHour, diversity);
    }

    /// Whether an ask would do for one machine.
    public boolean test(AskAttributes ask) {
        return pricePerHour(ask) <= pricePerHourMax.nanos() && constraints.test(ask);
    }

    /// What an hour of an ask costs with the expected traffic, in billionths, rounded up.
    ///
    /// A price beyond all numbers counts as the largest number.
    public static long pricePerHour(long price, long feePerGigabyte, int megabytesPerHour) {
        long high = Math.multiplyHigh(feePerGigabyte, megabytesPerHour);
        long low = feePerGigabyte * megabytesPerHour;
        if (high != 0 || low < 0) {
            return Long.MAX_VALUE;
        }
        long sum = price + Math.ceilDiv(low, MEGABYTES_A_GIGABYTE);
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    /// The ask at its price with the fee for the expected traffic.
    public static AskAttributes carrying(AskAttributes ask, int megabytesPerHour) {
        long price = ask.pricePerHour().nanos();
        long fee = ask.networkFeePerGigabyte().nanos();
        return ask.at(new Credits(pricePerHour(price, fee, megabytesPerHour)));
    }

    /// What an hour of an ask costs with the expected traffic, in billionths.
    public long pricePerHour(AskAttributes ask) {
        return pricePerHour(
                ask.pricePerHour().nanos(), ask.networkFeePerGigabyte().nanos(), megabytesPerHour);
    }
}
