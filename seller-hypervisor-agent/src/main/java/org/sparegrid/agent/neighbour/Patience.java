// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.neighbour;

/// What guests that waited have lost by asking neighbours instead of the store. One thread at a
/// time.
final class Patience {
    private final long nanosMax;
    private long lostNanos;

    Patience(long nanosMax) {
        this.nanosMax = nanosMax;
    }

    /// A guest has waited.
    ///
    /// Twice the store's time costs nothing, since a neighbour may have to fetch first; less than
    /// the store's time makes good for more.
    ///
    /// @param usualNanos what the store usually takes
    void waited(long tookNanos, long usualNanos) {
        long beyond = Math.max(0, tookNanos - 2 * usualNanos);
        long saved = Math.max(0, usualNanos - tookNanos);
        lostNanos = Math.max(0, lostNanos + beyond - saved);
    }

    boolean isLost() {
        return lostNanos > nanosMax;
    }
}
