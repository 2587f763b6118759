// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selling;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.sparegrid.agent.benchmark.Figure;
import org.sparegrid.agent.benchmark.Figures;
import org.sparegrid.agent.process.Tool;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;

/// A benchmark in a program of its own, with the least priority: it is ended the moment it would
/// disturb somebody, and takes its memory with it.
final class BenchmarkProgram implements Benchmarks.Trial {
    /// How often it is seen to that it disturbs nobody.
    private static final long LOOK_MILLIS = 200;

    /// A slow line takes longest.
    private static final long MILLIS_MAX = 300_000;

    private static final int OUTPUT_BYTES_MAX = 1 << 20;

    private final Path home;
    private final Path settings;
    private final BooleanSupplier withLine;
    private volatile List<Long> processes = List.of();

    /// @param home the agent's data
    /// @param withLine whether the line may be measured now
    BenchmarkProgram(Path home, Path settings, BooleanSupplier withLine) {
        this.home = home;
        this.settings = settings;
        this.withLine = withLine;
    }

    /// What `benchmark --json` prints.
    private record Told(String schema, String at, List<Figure> figures, List<String> missing) {}

    /// Those that measure now.
    List<Long> processes() {
        return processes;
    }

    @Override
    public Figures run(Supplier<Optional<String>> busy) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command())
                        .redirectInput(Path.of("/dev/null").toFile())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        processes = List.of(process.pid());
        try {
            watch(process, busy);
            byte[] output = process.getInputStream().readNBytes(OUTPUT_BYTES_MAX);
            if (process.exitValue() != 0) {
                throw new IOException("benchmark ended with exit code " + process.exitValue());
            }
            Told told = Format.JSON.read(output, Told.class);
            return new Figures(told.at(), told.figures(), told.missing());
        } catch (MessageFormatException strange) {
            throw new IOException("benchmark: " + strange.getMessage(), strange);
        } finally {
            process.destroyForcibly();
            processes = List.of();
        }
    }

    private static void watch(Process process, Supplier<Optional<String>> busy)
            throws IOException, InterruptedException {
        long begin = System.nanoTime();
        while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
            Optional<String> reason = busy.get();
            if (reason.isPresent()) {
                throw new IOException("interrupted: " + reason.get());
            }
            if ((System.nanoTime() - begin) / 1_000_000 > MILLIS_MAX) {
                throw new IOException("benchmark took longer than 5 minutes");
            }
        }
    }

    /// This program again, under the Java it runs on.
    private List<String> command() {
        List<String> command = new ArrayList<>();
        Tool.find("nice").ifPresent(nice -> command.addAll(List.of("" + nice, "-n", "19")));
        command.addAll(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx64m",
                        "-XX:MaxDirectMemorySize=256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "org.sparegrid.agent.Main",
                        "benchmark",
                        "--json"));
        if (settings.startsWith(home)) {
            command.addAll(List.of("--home", home.toString()));
        }
        if (!withLine.getAsBoolean()) {
            command.add("--without-line");
        }
        return command;
    }
}
