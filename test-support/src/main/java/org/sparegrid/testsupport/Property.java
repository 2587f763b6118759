// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.testsupport;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// Checks a statement on many random inputs.
///
/// A failure names its seed; `-Dtest.seed=SEED` runs the body with that seed alone, and
/// `-Dtest.times=N` runs it N times as often.
public final class Property {
    private static final RandomGeneratorFactory<RandomGenerator> GENERATORS =
            RandomGeneratorFactory.of("L64X128MixRandom");

    private Property() {}

    /// A statement about random inputs.
    @FunctionalInterface
    public interface Body {
        /// Draws inputs from `random` and throws if the statement does not hold for them.
        void check(RandomGenerator random) throws Throwable;
    }

    /// Runs `body` with `tries` different seeds, or with the one given as `-Dtest.seed=`.
    public static void holds(int tries, Body body) {
        Long given = Long.getLong("test.seed");
        RandomGenerator seeds = GENERATORS.create();
        long runs = given == null ? (long) tries * Integer.getInteger("test.times", 1) : 1;
        for (long i = 0; i < runs; i++) {
            long seed = given == null ? seeds.nextLong() : given;
            try {
                body.check(GENERATORS.create(seed));
            } catch (Throwable failure) {
                throw new AssertionError("fails with -Dtest.seed=" + seed, failure);
            }
        }
    }
}
