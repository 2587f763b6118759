// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.testsupport;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Runs other programs to their end.
public final class Command {
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private Command() {}

    /// What a program did.
    ///
    /// @param words the program and its arguments
    /// @param exitCode how it ended
    /// @param output what it wrote, errors included
    public record Result(List<String> words, int exitCode, String output) {
        /// The output, if the program succeeded.
        public String orFail() {
            if (exitCode != 0) {
                throw new AssertionError(
                        String.join(" ", words) + " ended with " + exitCode + ":\n" + output);
            }
            return output.strip();
        }
    }

    /// Runs a program that must succeed.
    ///
    /// @return what it wrote
    public static String run(String... words) throws IOException, InterruptedException {
        return attempt(new ProcessBuilder(words)).orFail();
    }

    /// Runs a program, whatever its end.
    public static Result attempt(ProcessBuilder builder) throws IOException, InterruptedException {
        Path output = Files.createTempFile("sparegrid-command", ".out");
        try {
            Process process =
                    builder.redirectErrorStream(true)
                            .redirectInput(Path.of("/dev/null").toFile())
                            .redirectOutput(output.toFile())
                            .start();
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(builder.command() + " took longer than " + PATIENCE);
            }
            return new Result(
                    builder.command(),
                    process.exitValue(),
                    new String(Files.readAllBytes(output), StandardCharsets.UTF_8));
        } finally {
            Files.deleteIfExists(output);
        }
    }
}
