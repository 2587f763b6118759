// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Runs another program with an argument list and a time limit.
final class Tool {
    /// The last lines of the output, which go into the message when the program fails.
    private static final int LINES_KEPT_MAX = 15;

    private static final int LINE_CHARACTERS_MAX = 500;

    private final Map<String, String> environment;

    Tool(Map<String, String> environment) {
        this.environment = environment;
    }

    /// Whether a program of this name is in the path.
    boolean has(String name) {
        String path = environment.getOrDefault("PATH", "");
        for (String folder : (path + ":/usr/sbin:/sbin").split(":", -1)) {
            if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, name))) {
                return true;
            }
        }
        return false;
    }

    /// Runs `command` to its end and hands each line that it prints to `lines`.
    ///
    /// @throws BuildException with its last lines if it fails or takes longer than `timeMax`
    void run(String what, List<String> command, Duration timeMax, Consumer<String> lines)
            throws IOException, BuildException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().put("TZ", "UTC");
        builder.redirectInput(Path.of("/dev/null").toFile());
        Process process = builder.start();
        Deque<String> last = new ArrayDeque<>();
        Thread reader = Thread.ofVirtual().start(() -> read(process, last, lines));
        try {
            if (!process.waitFor(timeMax.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new BuildException(
                        what + ": took longer than " + timeMax.toMinutes() + " min");
            }
            reader.join();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        if (process.exitValue() != 0) {
            String output;
            synchronized (last) {
                output = String.join("\n", last);
            }
            throw new BuildException(
                    what
                            + ": "
                            + command.getFirst()
                            + " failed with "
                            + process.exitValue()
                            + "\n"
                            + output);
        }
    }

    private static void read(Process process, Deque<String> last, Consumer<String> lines) {
        try (BufferedReader output =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                String kept = line.substring(0, Math.min(line.length(), LINE_CHARACTERS_MAX));
                synchronized (last) {
                    last.addLast(kept);
                    if (last.size() > LINES_KEPT_MAX) {
                        last.removeFirst();
                    }
                }
                lines.accept(kept);
            }
        } catch (IOException closed) {
            synchronized (last) {
                last.addLast("(output ended: " + closed.getMessage() + ")");
            }
        }
    }
}
