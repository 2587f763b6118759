// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.relay;

import java.util.concurrent.atomic.AtomicLong;
import org.sparegrid.virtualethernet.meter.RelayCounters;

/// Counts on the relay's thread and can be read on any.
final class RelayMeter {
    private final AtomicLong machines = new AtomicLong();
    private final AtomicLong forwardedPackets = new AtomicLong();
    private final AtomicLong forwardedBytes = new AtomicLong();
    private final AtomicLong droppedPackets = new AtomicLong();
    private final AtomicLong droppedBytes = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    void machines(long count) {
        machines.set(count);
    }

    void forwarded(long bytes) {
        forwardedPackets.incrementAndGet();
        forwardedBytes.addAndGet(bytes);
    }

    void dropped(long bytes) {
        droppedPackets.incrementAndGet();
        droppedBytes.addAndGet(bytes);
    }

    void refused() {
        refused.incrementAndGet();
    }

    RelayCounters counters() {
        return new RelayCounters(
                machines.get(),
                forwardedPackets.get(),
                forwardedBytes.get(),
                droppedPackets.get(),
                droppedBytes.get(),
                refused.get());
    }
}
