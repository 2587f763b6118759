// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.control;

import io.vertx.core.Context;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.sparegrid.protocol.control.CoordinatorMessage;

/// Has the coordinator's messages handled one after the other, on a thread that may wait. If one
/// can't be handled, neither are those behind it: they all come again.
///
/// Its methods are called on the event loop, and what they are given is called there.
final class Inbox {
    private static final System.Logger LOG = System.getLogger(Inbox.class.getName());

    private static final int STOP_SECONDS_MAX = 5;

    private final Context loop;
    private final Runnable failed;
    private final ExecutorService worker =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().name("coordinator-messages").factory());
    private @Nullable SessionListener listener;
    private long seen;

    /// How much could not be done. The worker counts it, so that it leaves out what waits.
    private final AtomicInteger failures = new AtomicInteger();

    /// How many of these the event loop has dealt with.
    private int failuresKnown;

    /// Work for the worker.
    interface Work {
        void run(SessionListener listener) throws IOException;
    }

    /// @param failed is called when something was not done
    Inbox(Context loop, Runnable failed) {
        this.loop = loop;
        this.failed = failed;
    }

    void start(SessionListener sessionListener) {
        listener = sessionListener;
    }

    /// The number up to which all messages have arrived.
    long seen() {
        return seen;
    }

    /// Messages after that number come again, as may have been the reason to fail.
    void rewind(long received) {
        failuresKnown = failures.get();
        seen = received;
    }

    /// Whether messages are left out until [#rewind].
    boolean hasFailed() {
        return failures.get() != failuresKnown;
    }

    /// Has the next message handled.
    ///
    /// @param took is given its number afterwards
    void handle(long sequence, CoordinatorMessage message, LongConsumer took) {
        seen = sequence;
        int known = failuresKnown;
        run(current -> {
            if (failures.get() == known) {
                current.handle(message);
                loop.runOnContext(_ -> took.accept(sequence));
            }
        });
    }

    /// Has something done behind all that waits.
    void run(Work work) {
        SessionListener current = listener;
        if (current == null) {
            return;
        }
        try {
            worker.execute(() -> {
                try {
                    work.run(current);
                } catch (IOException | RuntimeException wrong) {
                    LOG.log(System.Logger.Level.ERROR, "message not handled", wrong);
                    failures.incrementAndGet();
                    loop.runOnContext(_ -> failed.run());
                }
            });
        } catch (RejectedExecutionException closing) {
            LOG.log(System.Logger.Level.DEBUG, () -> "message ignored: closing " + closing);
        }
    }

    /// Begins nothing more; from any thread.
    void stop() {
        worker.shutdownNow();
    }

    /// Waits until what is being done is done.
    void awaitStop() throws InterruptedException {
        worker.awaitTermination(STOP_SECONDS_MAX, TimeUnit.SECONDS);
    }
}
