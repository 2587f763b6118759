// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The processor time that a thread has used, its system calls included. Of that one thread.
///
/// Source: clock_gettime(2), `CLOCK_THREAD_CPUTIME_ID`.
public final class ThreadTime {
    private static final int THREAD_CLOCK = 3;
    private static final int TIME_BYTES = 16;

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment state = LinuxCalls.newState(arena);
    private final MemorySegment time = arena.allocate(TIME_BYTES, 8);

    /// For the thread that asks it.
    public ThreadTime() {}

    /// What the calling thread has used since it began, in nanoseconds.
    public long usedNanos() throws IOException {
        LinuxCalls.clockGettime(state, THREAD_CLOCK, time);
        return time.get(ValueLayout.JAVA_LONG, 0) * 1_000_000_000
                + time.get(ValueLayout.JAVA_LONG, 8);
    }
}
