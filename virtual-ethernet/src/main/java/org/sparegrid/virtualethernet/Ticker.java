// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Lets state machines see the time pass, on a timer's one thread.
final class Ticker {
    /// A tenth of the shortest pause between packets that a person notices.
    private static final int BUSY_MILLIS = 50;

    /// While there is no network: a process that only waits for one wakes up rarely.
    private static final int IDLE_MILLIS = 10_000;

    private final ScheduledExecutorService timer;
    private final Runnable tick;
    private final BooleanSupplier idle;
    private @Nullable ScheduledFuture<?> next;

    /// @param timer with one thread
    /// @param idle whether nothing is due soon
    Ticker(ScheduledExecutorService timer, Runnable tick, BooleanSupplier idle) {
        this.timer = timer;
        this.tick = tick;
        this.idle = idle;
    }

    /// Begins to tick, or ticks at once because there may be something to do sooner than it seemed.
    void wake() {
        timer.execute(this::tickOn);
    }

    private void tickOn() {
        ScheduledFuture<?> waiting = next;
        if (waiting != null) {
            waiting.cancel(false);
        }
        tick.run();
        if (!timer.isShutdown()) {
            int millis = idle.getAsBoolean() ? IDLE_MILLIS : BUSY_MILLIS;
            next = timer.schedule(this::tickOn, millis, TimeUnit.MILLISECONDS);
        }
    }
}
