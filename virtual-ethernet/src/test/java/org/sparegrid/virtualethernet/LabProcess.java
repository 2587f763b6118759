// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// A Java program in a namespace of the lab, and the newest number of each line that it has
/// printed.
final class LabProcess implements AutoCloseable {
    final Process process;
    final Map<String, Long> events = new ConcurrentHashMap<>();
    private final Thread reader;

    LabProcess(String namespace, Class<?> program, List<String> arguments) throws IOException {
        List<String> words =
                new ArrayList<>(
                        List.of(
                                "ip",
                                "netns",
                                "exec",
                                namespace,
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-Xmx64m",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                program.getName()));
        words.addAll(arguments);
        process = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        reader = Thread.ofVirtual().start(this::read);
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int number = line.lastIndexOf(' ');
                events.put(
                        number < 0 ? line : line.substring(0, number),
                        number < 0 ? 0L : Long.parseLong(line.substring(number + 1)));
            }
        } catch (IOException ended) {
            events.put("ended", 0L);
        }
    }

    /// Gives the program a line.
    void say(String line) throws IOException {
        process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /// Gives the program a line and waits for the number that it prints behind `key`.
    long ask(String line, String key, long patienceNanos) throws IOException, InterruptedException {
        events.remove(key);
        say(line);
        await(patienceNanos, seen -> seen.containsKey(key));
        return events.get(key);
    }

    @FunctionalInterface
    interface Condition {
        boolean holds(Map<String, Long> events);
    }

    /// Waits for what the program prints.
    void await(long patienceNanos, Condition condition) throws InterruptedException {
        long deadline = System.nanoTime() + patienceNanos;
        while (!condition.holds(events)) {
            assertThat(process.isAlive()).isTrue();
            assertThat(System.nanoTime()).as("%s", events).isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            reader.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a machine was stopped", interrupted);
        }
    }
}
