// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.port;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.linux.ThreadTime;

/// Tells a thread that works for one machine only when to pause, so that it uses no more of the
/// processors than that machine may cost. Of that thread.
final class Pace {
    /// Units of work, of some microseconds each, between two looks at the thread's clock: one look
    /// costs 0.2 to 0.5 us, and what passes meanwhile is paid back.
    private static final int LOOK_UNITS = 32;

    /// The longest pause at once, so that a limit that was raised counts soon; the rest follows.
    private static final long PAUSE_NANOS_MAX = 500_000_000;

    private final ProcessorShare share;
    private @Nullable ThreadTime time;
    private long seenNanos;
    private int units;

    Pace(ProcessorShare share) {
        this.share = share;
    }

    /// Notes that the thread has done so many units of work.
    ///
    /// @return how long to do nothing now, in nanoseconds
    long after(int done) throws IOException {
        units += done;
        if (units < LOOK_UNITS) {
            return 0;
        }
        units = 0;
        if (!share.isLimited()) {
            time = null;
            return 0;
        }
        ThreadTime clock = time;
        if (clock == null) {
            clock = new ThreadTime();
            time = clock;
            seenNanos = clock.usedNanos();
        }
        long before = seenNanos;
        seenNanos = clock.usedNanos();
        return Math.min(PAUSE_NANOS_MAX, share.use(seenNanos - before, System.nanoTime()));
    }
}
