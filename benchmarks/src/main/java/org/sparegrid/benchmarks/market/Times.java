// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.benchmarks.market;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Locale;

/// Measured times, in nanoseconds.
final class Times {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final long[] nanos;
    private int size;

    Times(int capacity) {
        this.nanos = new long[capacity];
    }

    /// What this thread has used of the processor.
    static long cpuNanos() {
        return THREADS.getCurrentThreadCpuTime();
    }

    void add(long time) {
        nanos[size++] = time;
    }

    /// The time that this share of all does not exceed.
    double millis(double share) {
        long[] sorted = Arrays.copyOf(nanos, size);
        Arrays.sort(sorted);
        return sorted[Math.min(size - 1, (int) (size * share))] / 1e6;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "p50 %.4f  p99 %.4f  max %.4f ms",
                millis(0.5),
                millis(0.99),
                millis(1));
    }
}
