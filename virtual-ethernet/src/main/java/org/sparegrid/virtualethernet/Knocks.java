// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.sparegrid.virtualethernet.stun.StunMessage;

/// Waits for strangers' STUN questions that were announced, by which someone finds out whether the
/// UDP port is open. They are not answered on the port.
final class Knocks {
    /// One at a time is announced, and the one before may not have come.
    private static final int PENDING_MAX = 8;

    private final Map<Long, CompletableFuture<Integer>> pending = new ConcurrentHashMap<>();

    /// Waits for the question whose transaction begins with `label`.
    ///
    /// @return how it ends, or empty if none came within `wait`, or if too many are waited for
    OptionalInt await(long label, Duration wait) throws InterruptedException {
        if (pending.size() >= PENDING_MAX) {
            return OptionalInt.empty();
        }
        CompletableFuture<Integer> arrived =
                pending.computeIfAbsent(label, _ -> new CompletableFuture<>());
        try {
            return OptionalInt.of(arrived.get(wait.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException _) {
            return OptionalInt.empty();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        } finally {
            pending.remove(label, arrived);
        }
    }

    /// Takes a message that came to the port.
    void take(StunMessage message) {
        if (message instanceof StunMessage.Request request) {
            CompletableFuture<Integer> waiting = pending.get(request.transaction().first());
            if (waiting != null) {
                boolean _ = waiting.complete(request.transaction().last());
            }
        }
    }
}
