// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.network.Ipv4;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.network.PublicKey;

/// Echo requests that wait for their answers.
final class Echoes {
    private final ConcurrentHashMap<Integer, Waiting> waiting = new ConcurrentHashMap<>();
    private final LongSupplier clock;

    private record Waiting(int target, long sentNanos, CompletableFuture<Duration> answer) {}

    Echoes(LongSupplier clock) {
        this.clock = clock;
    }

    /// Sends one request.
    @FunctionalInterface
    interface Sender {
        void send(int label);
    }

    /// The address of another member.
    static int address(@Nullable NetworkMap map, PublicKey self, String member) {
        return Optional.ofNullable(map)
                .flatMap(all -> all.member(member))
                .filter(other -> !other.publicKey().equals(self))
                .map(other -> Ipv4.bits(other.address()))
                .orElseThrow(() -> new IllegalArgumentException("ping: no other member " + member));
    }

    Optional<Duration> ask(int target, Duration timeout, Sender sender)
            throws InterruptedException {
        Waiting question = new Waiting(target, clock.getAsLong(), new CompletableFuture<>());
        int label = ThreadLocalRandom.current().nextInt();
        while (waiting.putIfAbsent(label, question) != null) {
            label = ThreadLocalRandom.current().nextInt();
        }
        try {
            sender.send(label);
            return Optional.of(question.answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException silence) {
            return Optional.empty();
        } catch (ExecutionException never) {
            throw new IllegalStateException(never);
        } finally {
            waiting.remove(label);
        }
    }

    boolean answered(int source, int label) {
        Waiting question = waiting.get(label);
        if (question == null || question.target != source) {
            return false;
        }
        question.answer.complete(Duration.ofNanos(clock.getAsLong() - question.sentNanos));
        return true;
    }
}
