// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.sparegrid.virtualethernet.stun.StunMessage;

/// The STUN messages that the UDP port waits for; all others are ignored.
final class StunQuestions {
    /// Surveys ask one question at a time, and few run at once.
    private static final int PENDING_MAX = 64;

    private final Map<StunMessage.Transaction, CompletableFuture<StunMessage>> pending =
            new ConcurrentHashMap<>();

    /// Sends a question by `send`, again at each of `waits`, and waits for any message with its
    /// transaction.
    Optional<StunMessage> await(
            StunMessage.Transaction transaction, Runnable send, Duration... waits)
            throws InterruptedException {
        if (pending.size() >= PENDING_MAX) {
            return Optional.empty();
        }
        CompletableFuture<StunMessage> arrived = new CompletableFuture<>();
        pending.put(transaction, arrived);
        try {
            for (Duration wait : waits) {
                send.run();
                try {
                    return Optional.of(arrived.get(wait.toNanos(), TimeUnit.NANOSECONDS));
                } catch (TimeoutException _) {
                    // Lost, or refused on the way: once more, or never.
                }
            }
            return Optional.empty();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        } finally {
            pending.remove(transaction);
        }
    }

    /// Takes a message that came to the port.
    void take(StunMessage message) {
        CompletableFuture<StunMessage> waiting = pending.get(message.transaction());
        if (waiting != null) {
            boolean _ = waiting.complete(message);
        }
    }
}
