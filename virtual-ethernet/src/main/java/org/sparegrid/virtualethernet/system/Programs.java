// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.system;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Runs programs of this computer that set up its network.
public final class Programs {
    private static final int SECONDS_MAX = 10;

    private Programs() {}

    /// Runs a program to its end and returns what it wrote.
    ///
    /// @throws IOException with its words if it fails, or takes longer than 10 s
    public static String run(List<String> command) throws IOException {
        String line = String.join(" ", command);
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectInput(new File("/dev/null"))
                        .start();
        try {
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                            .strip();
            if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
                throw new IOException(line + ": no end within 10 s");
            }
            if (process.exitValue() != 0) {
                throw new IOException(line + ": exit " + process.exitValue() + ": " + output);
            }
            return output;
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
            throw new IOException(line + ": interrupted", interrupt);
        } finally {
            process.destroyForcibly();
        }
    }

    /// Runs a program to its end and returns what it wrote.
    public static String run(String... command) throws IOException {
        return run(List.of(command));
    }
}
