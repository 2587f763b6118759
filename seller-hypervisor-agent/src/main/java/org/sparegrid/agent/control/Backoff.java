// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.control;

import java.util.random.RandomGenerator;

/// How long to wait before connecting again: random, at most 1 s, doubling to at most 60 s.
final class Backoff {
    private static final long FIRST_MILLIS_MAX = 1000;
    private static final long MILLIS_MAX = 60_000;

    private final RandomGenerator random;
    private long most = FIRST_MILLIS_MAX;

    Backoff(RandomGenerator random) {
        this.random = random;
    }

    /// The next wait, at least 1 ms.
    long nextMillis() {
        long wait = random.nextLong(1, most + 1);
        most = Math.min(most * 2, MILLIS_MAX);
        return wait;
    }

    /// A connection worked.
    void reset() {
        most = FIRST_MILLIS_MAX;
    }
}
