// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.switching;

/// Allows a steady rate of events with bursts.
final class TokenBucket {
    private final long costNanos;
    private final long depthNanos;
    private long fullAtNanos;

    TokenBucket(int perSecond, int burst) {
        costNanos = 1_000_000_000L / perSecond;
        depthNanos = costNanos * burst;
    }

    /// Takes a token if there is one.
    boolean take(long nowNanos) {
        long full = Math.max(nowNanos, fullAtNanos) + costNanos;
        if (full - nowNanos > depthNanos) {
            return false;
        }
        fullAtNanos = full;
        return true;
    }
}
