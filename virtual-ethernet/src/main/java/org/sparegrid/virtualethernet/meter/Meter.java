// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.meter;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/// Counts for one attachment. Safe for many threads.
public final class Meter {
    private final LongAdder framesIn = new LongAdder();
    private final LongAdder bytesIn = new LongAdder();
    private final LongAdder framesOut = new LongAdder();
    private final LongAdder bytesOut = new LongAdder();
    private final Map<DropReason, LongAdder> drops = new EnumMap<>(DropReason.class);

    /// Everything at zero.
    public Meter() {
        for (DropReason reason : DropReason.values()) {
            drops.put(reason, new LongAdder());
        }
    }

    /// Frames of the local machine go to at least one peer.
    public void sentIn(int frames, long totalBytes) {
        framesIn.add(frames);
        bytesIn.add(totalBytes);
    }

    /// A frame of a peer was delivered to the local machine.
    public void deliveredOut(int lengthBytes) {
        framesOut.increment();
        bytesOut.add(lengthBytes);
    }

    /// A frame or packet was dropped.
    public void dropped(DropReason reason) {
        dropped(reason, 1);
    }

    /// Frames or packets were dropped.
    public void dropped(DropReason reason, int frames) {
        LongAdder count = drops.get(reason);
        if (count != null) {
            count.add(frames);
        }
    }

    /// The counts now.
    public TrafficCounters counters() {
        Map<DropReason, Long> nonZero = new EnumMap<>(DropReason.class);
        drops.forEach((reason, count) -> {
            if (count.sum() > 0) {
                nonZero.put(reason, count.sum());
            }
        });
        return new TrafficCounters(
                framesIn.sum(), bytesIn.sum(), framesOut.sum(), bytesOut.sum(), nonZero);
    }
}
