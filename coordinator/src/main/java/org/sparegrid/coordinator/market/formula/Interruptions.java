// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.formula;

/// How often machines were interrupted.
///
/// @param count how many times
/// @param hours in how many hours of all machines together
public record Interruptions(long count, double hours) {
    /// Nothing is known.
    public static final Interruptions NONE = new Interruptions(0, 0);

    /// What is supposed of a market without a history: one in a hundred hours.
    private static final Interruptions SUPPOSED = new Interruptions(1, 100);

    /// How many hours of its own a seller needs to be judged by itself as much as by all others.
    private static final double OTHERS_HOURS = 24;

    public Interruptions {
        if (count < 0 || !(hours >= 0)) {
            throw new IllegalArgumentException("interruptions: expected numbers of 0 or more");
        }
    }

    /// These and those.
    public Interruptions plus(Interruptions other) {
        return new Interruptions(count + other.count, hours + other.hours);
    }

    /// How many to expect in an hour of one of this seller's machines.
    ///
    /// The rate has a gamma distribution that begins with everybody's, and this is its mean.
    ///
    /// @param all those of all sellers
    public double perHour(Interruptions all) {
        Interruptions market = all.plus(SUPPOSED);
        double usual = market.count / market.hours;
        return (count + usual * OTHERS_HOURS) / (hours + OTHERS_HOURS);
    }
}
