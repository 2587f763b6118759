// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// The one thread that owns the book, with the queue of what others want of it.
final class BookThread implements AutoCloseable {
    /// Changes and searches that wait; whoever comes then waits to be let in.
    private static final int WAITING_MAX = 10_000;

    private final ThreadPoolExecutor thread =
            new ThreadPoolExecutor(
                    1,
                    1,
                    0,
                    TimeUnit.SECONDS,
                    new ArrayBlockingQueue<>(WAITING_MAX),
                    Thread.ofPlatform().name("market-book").factory(),
                    BookThread::waitForRoom);

    /// Waits until some work is done.
    <T> T run(Supplier<T> work) {
        try {
            return CompletableFuture.supplyAsync(work, thread).join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw failed;
        }
    }

    /// Has some work done, without waiting for it.
    void execute(Runnable work) {
        thread.execute(work);
    }

    /// Has some more work done once what waits is done, unless too much waits. For the thread
    /// itself, which must not wait for room in its own queue.
    void continueLater(Runnable work) {
        var _ = thread.getQueue().offer(work);
    }

    boolean isClosed() {
        return thread.isShutdown();
    }

    /// Does what waits, and then nothing more.
    @Override
    public void close() {
        thread.shutdown();
    }

    private static void waitForRoom(Runnable work, ThreadPoolExecutor thread) {
        try {
            if (thread.isShutdown()) {
                throw new IllegalStateException("the market is closed");
            }
            thread.getQueue().put(work);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(
                    "interrupted while waiting for the market", interrupted);
        }
    }
}
