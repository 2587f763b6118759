// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// Wakes requests that wait for a change of something.
public final class Signals {
    private final Map<String, CompletableFuture<Void>> waiting = new ConcurrentHashMap<>();

    /// Wakes whoever waits for that key.
    public void raise(String key) {
        CompletableFuture<Void> future = waiting.remove(key);
        if (future != null) {
            future.complete(null);
        }
    }

    /// Reads again and again, after each signal, until the result is good or the time is over.
    public <T> T await(String key, Duration most, Supplier<T> read, Predicate<T> good) {
        long deadline = System.nanoTime() + most.toNanos();
        while (true) {
            CompletableFuture<Void> signal =
                    waiting.computeIfAbsent(key, _ -> new CompletableFuture<>());
            T found = read.get();
            long left = deadline - System.nanoTime();
            if (left <= 0 || good.test(found)) {
                return found;
            }
            try {
                signal.get(left, TimeUnit.NANOSECONDS);
            } catch (TimeoutException over) {
                raise(key);
                return read.get();
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
                return found;
            } catch (ExecutionException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }
}
