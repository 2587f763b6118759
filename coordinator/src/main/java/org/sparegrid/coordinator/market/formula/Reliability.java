// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.formula;

import java.util.OptionalInt;

/// The probability that a node does its work in time.
///
/// @param probability 0 to 0.999999
public record Reliability(double probability) implements Comparable<Reliability> {
    /// The highest that can be asked for.
    public static final double REQUESTED_MAX = 0.999_999;

    /// The highest that is believed of one provider, as certainty would be paid without bound.
    public static final double MEASURED_MAX = 0.9999;

    /// More providers than this for one node are no sensible order.
    public static final int REPLICAS_MAX = 64;

    /// What nines are short of by the rounding of logarithms.
    static final double NINES_EPSILON = 1e-9;

    public Reliability {
        if (!(probability >= 0 && probability <= REQUESTED_MAX)) {
            throw new IllegalArgumentException(
                    "reliability: expected 0 to " + REQUESTED_MAX + ", got " + probability);
        }
    }

    /// What is believed of a provider whose probability was measured or computed.
    public static Reliability measured(double probability) {
        return new Reliability(
                Double.isNaN(probability) ? 0 : Math.clamp(probability, 0, MEASURED_MAX));
    }

    /// The reliability on a scale on which independent providers add up: 0.9 is 1, 0.999 is 3.
    public double nines() {
        return -Math.log1p(-probability) / Math.log(10);
    }

    /// How many providers of reliability `provider` make one node of this reliability (F3), or
    /// nothing if no sensible number does.
    public OptionalInt replicas(Reliability provider) {
        double exact = nines() / provider.nines();
        if (!(exact <= REPLICAS_MAX)) {
            return probability == 0 ? OptionalInt.of(1) : OptionalInt.empty();
        }
        return OptionalInt.of((int) Math.max(1, Math.ceil(exact - NINES_EPSILON)));
    }

    @Override
    public int compareTo(Reliability other) {
        return Double.compare(probability, other.probability);
    }
}
