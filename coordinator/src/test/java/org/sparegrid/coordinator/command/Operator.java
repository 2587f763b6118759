// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.sparegrid.coordinator.config.Settings;

/// Runs the operator's commands on a coordinator's folder.
final class Operator {
    private static final Pattern LOGGED =
            Pattern.compile("(?m)^[0-9-]{10}T[0-9:.]+Z (INFO|WARN) .*\\R");

    private final Path folder;

    /// Makes the folder's settings, as commands read them.
    Operator(Path folder, String... settings) throws java.io.IOException {
        this.folder = folder;
        Files.writeString(
                folder.resolve(Settings.FILE),
                "public-addresses = [\"127.0.0.1\"]\n" + String.join("\n", settings) + "\n");
    }

    /// The exit code and what was printed, also to the error output, without what a coordinator in
    /// this process logs meanwhile.
    String run(String... words) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream both = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        PrintStream out = System.out;
        PrintStream err = System.err;
        System.setOut(both);
        System.setErr(both);
        try {
            List<String> all = new ArrayList<>(List.of(words));
            all.addAll(List.of("--home", folder.toString()));
            int code = CoordinatorCommand.run(all.toArray(String[]::new));
            return code
                    + " "
                    + LOGGED.matcher(bytes.toString(StandardCharsets.UTF_8)).replaceAll("");
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }
}
