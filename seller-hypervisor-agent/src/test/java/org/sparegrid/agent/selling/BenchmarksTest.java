// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selling;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.agent.benchmark.Figure;
import org.sparegrid.agent.benchmark.Figures;

class BenchmarksTest {
    private static final Duration INTERVAL = Duration.ofHours(12);

    @TempDir private Path folder = Path.of("/nonexistent");

    private Instant now = Instant.parse("2026-11-21T08:00:00Z");
    private Optional<String> busy = Optional.empty();
    private final Deque<Figures> results = new ArrayDeque<>();
    private int trials;

    private Figures figures(double points, double spread) {
        return new Figures(
                now.toString(),
                List.of(new Figure(Figures.ONE_CORE, "points", points, spread, 5)),
                List.of());
    }

    private Benchmarks benchmarks(Duration interval) throws IOException {
        return new Benchmarks(
                folder.resolve("benchmark.json"),
                interval,
                () -> now,
                () -> busy,
                _ -> {
                    trials++;
                    if (results.isEmpty()) {
                        throw new IOException("interrupted: a guest is here");
                    }
                    return results.remove();
                });
    }

    private void pass(Duration time) {
        now = now.plus(time);
    }

    @Test
    void measuresOnceTheComputerSettledAndThenEachInterval() throws Exception {
        Benchmarks benchmarks = benchmarks(INTERVAL);
        assertThat(benchmarks.offered()).isEmpty();
        assertThat(benchmarks.look()).isFalse();
        assertThat(benchmarks.report().measured()).isEmpty();
        assertThat(benchmarks.report().next()).isEqualTo("at 2026-11-21T08:05:00Z");
        pass(Benchmarks.SETTLING);
        results.add(figures(1000, 10));
        assertThat(benchmarks.look()).isTrue();
        assertThat(benchmarks.report().measured()).isEqualTo("2026-11-21T08:05:00Z");
        assertThat(benchmarks.report().next()).isEqualTo("at 2026-11-21T20:05:00Z");
        pass(INTERVAL.minusSeconds(1));
        assertThat(benchmarks.look()).isFalse();
        assertThat(trials).isOne();
        pass(Duration.ofSeconds(1));
        results.add(figures(1000, 10));
        assertThat(benchmarks.look()).isFalse();
        assertThat(trials).isEqualTo(2);
    }

    @Test
    void waitsForGuestsAndOwnersToGo() throws Exception {
        Benchmarks benchmarks = benchmarks(INTERVAL);
        pass(Benchmarks.SETTLING);
        busy = Optional.of("a guest is here");
        assertThat(benchmarks.look()).isFalse();
        pass(Duration.ofDays(3));
        assertThat(benchmarks.look()).isFalse();
        assertThat(benchmarks.report().next()).isEqualTo("waits: a guest is here");
        assertThat(trials).isZero();
        busy = Optional.empty();
        results.add(figures(1000, 10));
        assertThat(benchmarks.look()).isTrue();
        assertThat(benchmarks.report().next()).startsWith("at ");
    }

    @Test
    void triesAgainLaterWhenItWasInterrupted() throws Exception {
        Benchmarks benchmarks = benchmarks(INTERVAL);
        pass(Benchmarks.SETTLING);
        assertThat(benchmarks.look()).isFalse();
        assertThat(benchmarks.report().next())
                .isEqualTo("waits: interrupted: a guest is here; another try follows");
        results.add(figures(1000, 10));
        assertThat(benchmarks.look()).isFalse();
        pass(Benchmarks.AGAIN);
        assertThat(benchmarks.look()).isTrue();
        assertThat(trials).isEqualTo(2);
    }

    @Test
    void renewsTheOfferForMoreThanTheNoiseOnly() throws Exception {
        Benchmarks benchmarks = benchmarks(INTERVAL);
        pass(Benchmarks.SETTLING);
        results.add(figures(1000, 100));
        assertThat(benchmarks.look()).isTrue();
        double[][] newer = {{1090, 5, 1000}, {910, 5, 1000}, {1110, 5, 1110}, {1120, 5, 1110}};
        for (double[] each : newer) {
            pass(INTERVAL);
            results.add(figures(each[0], each[1]));
            boolean changes = benchmarks.look();
            double offered = benchmarks.offered().orElseThrow().figures().getFirst().median();
            assertThat(offered).isEqualTo(each[2]);
            assertThat(changes).isEqualTo(offered == each[0]);
            assertThat(benchmarks.report().figures().getFirst().median()).isEqualTo(each[0]);
        }
    }

    @Test
    void keepsWhatIsNotMeasuredThisTime() {
        Figures line =
                new Figures(
                        "2026-11-21T08:00:00Z",
                        List.of(new Figure(Figures.SEND, "kbit/s", 8000, 10, 5)),
                        List.of());
        Figures both = Benchmarks.offered(line, figures(1000, 10));
        assertThat(both.figure(Figures.SEND)).contains(line.figures().getFirst());
        assertThat(both.figure(Figures.ONE_CORE)).isPresent();
        assertThat(Benchmarks.offered(both, figures(1001, 10))).isSameAs(both);
    }

    @Test
    void remembersOverARestart() throws Exception {
        Benchmarks first = benchmarks(INTERVAL);
        pass(Benchmarks.SETTLING);
        results.add(figures(1000, 10));
        first.look();
        pass(Duration.ofHours(1));
        Benchmarks second = benchmarks(INTERVAL);
        assertThat(second.offered()).isEqualTo(first.offered());
        assertThat(second.report()).isEqualTo(first.report());
        // A clock that was ahead doesn't put the next one off for years.
        now = now.minus(Duration.ofDays(400));
        assertThat(benchmarks(INTERVAL).report().next()).isEqualTo("at 2025-10-17T21:05:00Z");
        Files.writeString(folder.resolve("benchmark.json"), "{");
        assertThat(benchmarks(INTERVAL).offered()).isEmpty();
    }

    @Test
    void neverMeasuresIfTheOwnerSaysSo() throws Exception {
        Benchmarks benchmarks = benchmarks(Duration.ZERO);
        pass(Duration.ofDays(30));
        assertThat(benchmarks.look()).isFalse();
        assertThat(trials).isZero();
        assertThat(benchmarks.report().next()).startsWith("never");
    }
}
