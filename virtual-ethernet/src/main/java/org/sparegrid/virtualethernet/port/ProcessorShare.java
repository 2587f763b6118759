// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.port;

/// How much of one processor's time some work may take, with a little saved up for bursts.
///
/// Any thread may call.
public final class ProcessorShare {
    /// What is saved up at most while nothing is done, in nanoseconds of a processor.
    static final long SAVED_NANOS_MAX = 20_000_000;

    /// The least part, for a machine that may take none: QEMU's messages must still be answered.
    static final double LEAST = 0.01;

    private volatile double processors = Double.POSITIVE_INFINITY;
    private double leftNanos = SAVED_NANOS_MAX;
    private boolean begun;
    private long lastNanos;

    /// No limit, until there is one.
    public ProcessorShare() {}

    /// Another limit from now on.
    ///
    /// @param ofOneProcessor 0 for next to nothing, 1 for all of one, infinite for no limit
    public synchronized void set(double ofOneProcessor) {
        if (!(ofOneProcessor >= 0)) {
            throw new IllegalArgumentException("share: expected 0 or more, got " + ofOneProcessor);
        }
        processors = Math.max(LEAST, ofOneProcessor);
    }

    /// Whether there is a limit.
    public boolean isLimited() {
        return processors != Double.POSITIVE_INFINITY;
    }

    /// Notes that so much was used.
    ///
    /// @return how long to do nothing now, in nanoseconds
    public synchronized long use(long usedNanos, long nowNanos) {
        if (!isLimited()) {
            return 0;
        }
        fill(nowNanos);
        leftNanos -= usedNanos;
        return leftNanos >= 0 ? 0 : (long) (-leftNanos / processors);
    }

    /// Whether more was used than may be.
    public boolean isUsedUp(long nowNanos) {
        return isLimited() && use(0, nowNanos) > 0;
    }

    private void fill(long nowNanos) {
        if (!begun) {
            begun = true;
            lastNanos = nowNanos;
        }
        long passedNanos = nowNanos - lastNanos;
        if (passedNanos > 0) {
            leftNanos = Math.min(SAVED_NANOS_MAX, leftNanos + passedNanos * processors);
            lastNanos = nowNanos;
        }
    }
}
