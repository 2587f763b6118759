// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Notes when a lease's QEMU processes live and what the agent writes down of it, by looking from
/// outside.
final class GuestWatch implements Runnable, AutoCloseable {
    private static final long LOOK_MILLIS = 50;

    /// @param to the first look that missed it, or the last one that there was
    private record Life(Instant from, Instant to, boolean ended) {}

    private final SellerFiles seller;
    private final Map<Long, Life> lives = new HashMap<>();
    private final Thread thread = Thread.ofPlatform().name("watch").unstarted(this);
    private volatile boolean ended;
    private Instant lastLook = Instant.now();
    private Optional<Instant> offNetworkUntil = Optional.empty();
    private Optional<Instant> cameOn = Optional.empty();
    private Instant stillFrom = Instant.MAX;
    private Instant stillTo = Instant.MAX;
    private long writtenMillis;
    private long writtenBeforeMillis;

    private GuestWatch(SellerFiles seller) {
        this.seller = seller;
    }

    /// Watches the next lease from now on.
    static GuestWatch begin(SellerFiles seller) {
        GuestWatch watch = new GuestWatch(seller);
        watch.thread.start();
        return watch;
    }

    @Override
    public void run() {
        try {
            while (!ended) {
                try {
                    look();
                } catch (IOException | UncheckedIOException moving) {
                    Logger.getLogger("kills").log(Level.INFO, "files come and go", moving);
                }
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void look() throws IOException {
        Instant now = Instant.now();
        List<SellerFiles.Entry> journal = seller.journal();
        List<ProcessHandle> guests = seller.guests();
        Instant later = Instant.now();
        Set<Long> alive = new HashSet<>();
        for (ProcessHandle guest : guests) {
            alive.add(guest.pid());
            Instant from = guest.info().startInstant().orElse(now);
            lives.putIfAbsent(guest.pid(), new Life(from, later, false));
        }
        lives.replaceAll((pid, life) ->
                life.ended() ? life : new Life(life.from(), later, !alive.contains(pid)));
        for (SellerFiles.Entry entry : journal) {
            boolean on = entry.stage().equals("ON_NETWORK");
            if (on && offNetworkUntil.isEmpty()) {
                offNetworkUntil = Optional.of(lastLook);
            }
            if (cameOn.isEmpty() && on && entry.ranMillis() >= writtenBeforeMillis) {
                cameOn = Optional.of(later);
                writtenBeforeMillis = entry.ranMillis();
            }
            writtenMillis = Math.max(writtenMillis, entry.ranMillis());
        }
        lastLook = now;
    }

    /// The agent is about to die, and may not have told the coordinator yet that the guest is on
    /// its network: only time after its return is sure to be billed.
    synchronized void agentDies(Duration telling) {
        if (cameOn.isPresent()
                && Duration.between(cameOn.get(), Instant.now()).compareTo(telling) < 0) {
            cameOn = Optional.empty();
            writtenBeforeMillis = writtenMillis + 1;
        }
    }

    /// The guest stood still all this time, as far as it lived.
    synchronized void stoodStill(Instant from, Instant to) {
        stillFrom = from;
        stillTo = to;
    }

    /// How long its QEMU processes ran in all since it came on its network.
    synchronized Duration ranOnNetwork() {
        Instant on = offNetworkUntil.orElse(Instant.MAX);
        return lives.values().stream()
                .map(life ->
                        common(life, on, Instant.MAX)
                                .minus(common(life, later(on, stillFrom), stillTo)))
                .reduce(Duration.ZERO, Duration::plus);
    }

    private static Duration common(Life life, Instant from, Instant to) {
        Instant begin = later(life.from(), from);
        Instant end = life.to().isBefore(to) ? life.to() : to;
        return begin.isBefore(end) ? Duration.between(begin, end) : Duration.ZERO;
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /// Since when it is on its network in the coordinator's eyes, at the latest.
    synchronized Optional<Instant> cameOn() {
        return cameOn;
    }

    /// The longest running time that the agent ever wrote down.
    synchronized long writtenMillis() {
        return writtenMillis;
    }

    /// What of that the coordinator surely heard of.
    synchronized Duration written() {
        return cameOn.isEmpty()
                ? Duration.ZERO
                : Duration.ofMillis(Math.max(0, writtenMillis - writtenBeforeMillis));
    }

    @Override
    public void close() {
        ended = true;
    }
}
