// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.image;

/// Adds up the time in which at least one read waits. One thread at a time.
final class WaitClock {
    private int waiting;
    private long sinceNanos;
    private long waitedNanos;
    private int stalls;

    void begin(long nowNanos) {
        if (waiting++ == 0) {
            sinceNanos = nowNanos;
        }
    }

    void end(long nowNanos) {
        if (--waiting == 0) {
            waitedNanos += nowNanos - sinceNanos;
            stalls += isStall(nowNanos) ? 1 : 0;
        }
    }

    boolean isWaiting() {
        return waiting > 0;
    }

    long waitedMillis(long nowNanos) {
        return (waitedNanos + (waiting > 0 ? nowNanos - sinceNanos : 0)) / 1_000_000;
    }

    int stalls(long nowNanos) {
        return stalls + (waiting > 0 && isStall(nowNanos) ? 1 : 0);
    }

    private boolean isStall(long nowNanos) {
        return nowNanos - sinceNanos >= StreamStatus.STALL_MILLIS * 1_000_000;
    }
}
