// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Measures this computer: processors, memory, disk and line, each several times.
public final class Benchmark {
    /// How often each thing is measured; the first time, which also warms up, doesn't count.
    private static final int TIMES = 5;

    private final List<Figure> figures = new ArrayList<>();
    private final List<String> missing = new ArrayList<>();

    private Benchmark() {}

    /// Measures one thing once.
    @FunctionalInterface
    interface Measure {
        double once() throws IOException;
    }

    /// Measures everything; takes some seconds.
    ///
    /// @param folder on the disk in question
    /// @param line to the coordinator, unless it is not to be measured
    /// @param at the time to write down
    public static Figures run(Path folder, Optional<Line> line, Instant at) {
        Benchmark benchmark = new Benchmark();
        int cores = Runtime.getRuntime().availableProcessors();
        benchmark.measure(Figures.ONE_CORE, "points", CpuScore::once);
        benchmark.measure(Figures.ALL_CORES, "points", () -> CpuScore.together(cores));
        benchmark.memory();
        benchmark.disk(folder);
        line.ifPresent(benchmark::line);
        return new Figures(at.toString(), benchmark.figures, benchmark.missing);
    }

    private void memory() {
        try (MemorySpeed memory = new MemorySpeed()) {
            measure("memory", "MiB/s copied", memory::once);
        }
    }

    private void disk(Path folder) {
        try (DiskSpeed disk = DiskSpeed.in(folder)) {
            measure("disk write", "MiB/s", disk::write);
            measure("disk read", "MiB/s", disk::read);
        } catch (IOException | UnsupportedOperationException unfit) {
            missing.add("disk: " + unfit.getMessage());
        }
    }

    private void line(Line line) {
        measure(Figures.RECEIVE, "kbit/s", line::receive);
        measure(Figures.SEND, "kbit/s", line::send);
    }

    private void measure(String name, String unit, Measure measure) {
        List<Double> values = new ArrayList<>();
        try {
            measure.once();
            for (int i = 0; i < TIMES; i++) {
                values.add(measure.once());
            }
            figures.add(Figure.of(name, unit, values));
        } catch (IOException failed) {
            missing.add(name + ": " + failed.getMessage());
        }
    }
}
