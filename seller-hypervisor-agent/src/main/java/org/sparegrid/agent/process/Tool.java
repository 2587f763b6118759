// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.process;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Runs other programs: an argument list, a deadline, never a shell.
public final class Tool {
    /// More output than any of our tools writes, in bytes; the rest is cut.
    private static final int OUTPUT_BYTES_MAX = 1 << 20;

    private static final List<String> FOLDERS =
            List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");

    private Tool() {}

    /// What a program answered.
    ///
    /// @param output both of its outputs, mixed
    public record Answer(int exitCode, String output) {}

    /// Where a program is, looked for in the system's folders.
    public static Optional<Path> find(String name) {
        return FOLDERS.stream()
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /// Runs a program that reads nothing and waits for it.
    ///
    /// @throws IOException if it can't be started or takes longer than `deadline`
    public static Answer run(Duration deadline, String... command)
            throws IOException, InterruptedException {
        return await(
                deadline,
                new ProcessBuilder(command).redirectInput(new File("/dev/null")),
                new byte[0]);
    }

    /// Runs a program that reads `input`, at most what a pipe holds, and waits for it.
    ///
    /// @throws IOException if it can't be started or takes longer than `deadline`
    public static Answer run(Duration deadline, byte[] input, String... command)
            throws IOException, InterruptedException {
        return await(deadline, new ProcessBuilder(command), input);
    }

    private static Answer await(Duration deadline, ProcessBuilder program, byte[] input)
            throws IOException, InterruptedException {
        Process process = program.redirectErrorStream(true).start();
        if (program.redirectInput().equals(ProcessBuilder.Redirect.PIPE)) {
            try (OutputStream in = process.getOutputStream()) {
                in.write(input);
            } catch (IOException unread) {
                // It ended without reading; its answer says why.
            }
        }
        StringBuilder output = new StringBuilder();
        Thread reader = Thread.startVirtualThread(() -> read(process.getInputStream(), output));
        try {
            if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException(
                        program.command().getFirst()
                                + ": no end after "
                                + deadline.toSeconds()
                                + " s");
            }
            // Before the end: destroying closes the stream, with what is still to be read.
            reader.join(1000);
        } finally {
            process.destroyForcibly();
        }
        synchronized (output) {
            return new Answer(process.exitValue(), output.toString());
        }
    }

    private static void read(InputStream in, StringBuilder output) {
        byte[] buffer = new byte[8192];
        try (in) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                synchronized (output) {
                    if (output.length() < OUTPUT_BYTES_MAX) {
                        output.append(new String(buffer, 0, n, StandardCharsets.UTF_8));
                    }
                }
            }
        } catch (IOException ended) {
            synchronized (output) {
                output.append("[output lost: ").append(ended.getMessage()).append(']');
            }
        }
    }
}
