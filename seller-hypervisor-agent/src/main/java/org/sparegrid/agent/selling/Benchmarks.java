// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selling;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.sparegrid.agent.benchmark.Figure;
import org.sparegrid.agent.benchmark.Figures;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.agent.status.BenchmarkReport;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;

/// Measures the computer now and then, whenever that disturbs nobody, and has the offer renewed
/// once something changed by more than the noise. Any thread may ask for the report.
final class Benchmarks {
    private static final System.Logger LOG = System.getLogger(Benchmarks.class.getName());

    /// Nothing is measured for so long after a start, when computers are busy with themselves.
    static final Duration SETTLING = Duration.ofMinutes(5);

    /// How often a benchmark that is due looks whether it may be.
    static final Duration LOOK = Duration.ofSeconds(30);

    /// Until one that failed is tried again.
    static final Duration AGAIN = Duration.ofMinutes(10);

    /// Less than this part of a figure is never worth another offer.
    private static final double PART_MIN = 0.02;

    /// One benchmark.
    interface Trial {
        /// Measures.
        ///
        /// @param busy says what it would disturb, which ends it
        /// @throws IOException if it failed or was ended, saying why
        Figures run(Supplier<Optional<String>> busy) throws IOException, InterruptedException;
    }

    /// What is kept between runs of the agent.
    ///
    /// @param newest what the newest benchmark found
    /// @param offered what the offer says
    record Kept(Figures newest, Figures offered) {}

    private final Path file;
    private final Duration interval;
    private final InstantSource clock;
    private final Supplier<Optional<String>> busy;
    private final Trial trial;
    private @Nullable Kept kept;
    private Instant due;
    private String waiting = "";
    private @Nullable Thread thread;

    /// Reads what was written down before; nothing is measured yet.
    ///
    /// @param interval from one benchmark to the next; zero for never
    /// @param busy says what a benchmark would disturb now
    Benchmarks(
            Path file,
            Duration interval,
            InstantSource clock,
            Supplier<Optional<String>> busy,
            Trial trial)
            throws IOException {
        this.file = file;
        this.interval = interval;
        this.clock = clock;
        this.busy = busy;
        this.trial = trial;
        this.kept = load(file);
        Instant start = clock.instant();
        Instant settled = start.plus(SETTLING.compareTo(interval) < 0 ? SETTLING : interval);
        Instant regular = kept == null ? start : after(kept.newest(), start).plus(interval);
        this.due = regular.isAfter(settled) ? regular : settled;
    }

    /// What the offer says, if anything was ever measured.
    synchronized Optional<Figures> offered() {
        return kept == null ? Optional.empty() : Optional.of(kept.offered());
    }

    /// Measures now and then from now on.
    ///
    /// @param changed is called when the offer is to be renewed
    void start(Runnable changed) {
        if (!interval.isZero()) {
            thread = Thread.ofVirtual().name("benchmarks").start(() -> work(changed));
        }
    }

    /// Measures if it is time and disturbs nobody.
    ///
    /// @return whether the offer is to be renewed
    boolean look() throws InterruptedException {
        synchronized (this) {
            if (interval.isZero() || clock.instant().isBefore(due)) {
                return false;
            }
        }
        Optional<String> reason = busy.get();
        if (reason.isPresent()) {
            waitFor(reason.get());
            return false;
        }
        try {
            return measured(trial.run(busy));
        } catch (IOException failed) {
            put(failed);
            return false;
        }
    }

    /// How things stand, for the owner.
    synchronized BenchmarkReport report() {
        String next;
        if (interval.isZero()) {
            next = "never: benchmark-interval is 0 s";
        } else if (!waiting.isEmpty()) {
            next = "waits: " + waiting;
        } else {
            next = "at " + due.truncatedTo(ChronoUnit.SECONDS);
        }
        Figures newest = kept == null ? new Figures("", List.of(), List.of()) : kept.newest();
        return new BenchmarkReport(newest.at(), newest.figures(), newest.missing(), next);
    }

    /// Measures no more, and ends a benchmark that is under way.
    void stop() throws InterruptedException {
        Thread running = thread;
        if (running != null) {
            running.interrupt();
            running.join();
        }
    }

    private void work(Runnable changed) {
        try {
            while (true) {
                Thread.sleep(LOOK);
                if (look()) {
                    changed.run();
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void waitFor(String reason) {
        if (waiting.isEmpty()) {
            LOG.log(System.Logger.Level.INFO, () -> "benchmark waits cause=" + reason);
        }
        waiting = reason;
    }

    private synchronized void put(IOException failed) {
        LOG.log(System.Logger.Level.INFO, () -> "benchmark put off cause=" + failed.getMessage());
        waiting = failed.getMessage() + "; another try follows";
        due = clock.instant().plus(AGAIN.compareTo(interval) < 0 ? AGAIN : interval);
    }

    private synchronized boolean measured(Figures newest) {
        waiting = "";
        due = clock.instant().plus(interval);
        Figures before = kept == null ? new Figures("", List.of(), List.of()) : kept.offered();
        Figures offered = offered(before, newest);
        boolean changed = !offered.equals(before);
        kept = new Kept(newest, offered);
        LOG.log(
                System.Logger.Level.INFO,
                () ->
                        "benchmark done offerChanges="
                                + changed
                                + " figures="
                                + newest.figures().stream().map(Figure::line).toList()
                                + " missing="
                                + newest.missing());
        try {
            AtomicFile.write(file, Format.JSON.write(kept));
        } catch (IOException full) {
            LOG.log(System.Logger.Level.WARNING, () -> "benchmark not written cause=" + full);
        }
        return changed;
    }

    /// What to offer: a figure stays until a newer one differs by more than the noise, or for as
    /// long as it is not measured again.
    static Figures offered(Figures before, Figures newest) {
        List<Figure> figures = new ArrayList<>();
        boolean changed = false;
        for (Figure figure : newest.figures()) {
            Optional<Figure> older = before.figure(figure.name());
            boolean take = older.isEmpty() || figure.differs(older.get(), PART_MIN);
            figures.add(take ? figure : older.get());
            changed |= take;
        }
        for (Figure older : before.figures()) {
            if (newest.figure(older.name()).isEmpty()) {
                figures.add(older);
            }
        }
        return changed ? new Figures(newest.at(), figures, List.of()) : before;
    }

    /// When these were measured; a time to come, of a clock that was wrong, counts as now.
    private static Instant after(Figures figures, Instant now) {
        try {
            Instant at = Instant.parse(figures.at());
            return at.isAfter(now) ? now : at;
        } catch (DateTimeParseException strange) {
            return Instant.EPOCH;
        }
    }

    private static @Nullable Kept load(Path file) throws IOException {
        if (!Files.exists(file)) {
            return null;
        }
        try {
            return Format.JSON.read(Files.readAllBytes(file), Kept.class);
        } catch (MessageFormatException damaged) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    () -> "benchmark is forgotten file=" + file + " cause=" + damaged);
            return null;
        }
    }
}
