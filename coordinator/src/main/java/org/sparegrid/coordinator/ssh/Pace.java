// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.ssh;

import java.util.concurrent.TimeUnit;

/// Keeps one stream from taking the coordinator's line.
final class Pace {
    /// As much as a relay carries for one machine: 20 Mbit/s.
    private static final long BYTES_PER_SECOND = 2_500_000;

    /// What may pass at once after a pause.
    private static final long BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /// When what has passed would have passed at the pace.
    private long dueNanos = System.nanoTime();

    /// Waits as long as those bytes take.
    void take(int bytes) throws InterruptedException {
        long waitNanos;
        synchronized (this) {
            long now = System.nanoTime();
            dueNanos =
                    Math.max(dueNanos, now - BURST_NANOS)
                            + bytes * TimeUnit.SECONDS.toNanos(1) / BYTES_PER_SECOND;
            waitNanos = dueNanos - now;
        }
        if (waitNanos > 0) {
            TimeUnit.NANOSECONDS.sleep(waitNanos);
        }
    }
}
