// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.relay;

/// Lets so many bytes pass per second, and a burst after silence.
final class ByteBucket {
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final long perSecond;
    private final long burst;
    private long level;
    private long filledNanos;
    private boolean begun;

    ByteBucket(long perSecond, long burst) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.level = burst;
    }

    /// Takes `bytes` if they are there.
    boolean take(long bytes, long nowNanos) {
        fill(nowNanos);
        if (level < bytes) {
            return false;
        }
        level -= bytes;
        return true;
    }

    private void fill(long nowNanos) {
        if (!begun) {
            begun = true;
            filledNanos = nowNanos;
        }
        long passed = Math.clamp(nowNanos - filledNanos, 0, SECOND_NANOS);
        long gained = (long) ((double) passed * perSecond / SECOND_NANOS);
        if (gained > 0) {
            level = Math.min(burst, level + gained);
            filledNanos = nowNanos;
        }
    }
}
