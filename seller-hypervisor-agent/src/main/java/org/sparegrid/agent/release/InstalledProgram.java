// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.release;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where this program is and which version it is of.
public final class InstalledProgram {
    private InstalledProgram() {}

    /// The folder of this program, if its launcher started it.
    public static Optional<Path> root() {
        String launcher = System.getProperty("sparegrid.launcher", "");
        return launcher.isEmpty()
                ? Optional.empty()
                : Optional.of(Path.of(launcher).resolve("../..").normalize());
    }

    /// The launcher that was installed, which starts whatever version is in use.
    public static Optional<Path> launcher() {
        String base = System.getProperty("sparegrid.base", "");
        String launcher = base.isEmpty() ? System.getProperty("sparegrid.launcher", "") : base;
        return launcher.isEmpty() ? Optional.empty() : Optional.of(Path.of(launcher));
    }

    /// A release says it in a file, a build in its archive.
    public static String version() {
        Optional<Path> file = root().map(root -> root.resolve(ReleaseWriter.VERSION));
        try {
            if (file.isPresent() && Files.isRegularFile(file.get())) {
                String text = Files.readString(file.get(), StandardCharsets.US_ASCII).strip();
                if (ReleaseVersion.isVersion(text)) {
                    return text;
                }
            }
        } catch (IOException unreadable) {
            System.getLogger(InstalledProgram.class.getName())
                    .log(System.Logger.Level.WARNING, () -> "version unknown cause=" + unreadable);
        }
        @Nullable String built = InstalledProgram.class.getPackage().getImplementationVersion();
        return built == null ? "development" : built;
    }
}
