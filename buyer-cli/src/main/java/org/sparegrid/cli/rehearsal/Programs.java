// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.rehearsal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// Where the other two programs are.
///
/// @param coordinator the program `sparegrid-coordinator`
/// @param agent the program `sparegrid-agent`
public record Programs(Path coordinator, Path agent) {
    /// Finds them beside this program, else in the path.
    ///
    /// @throws IOException if one is missing, with what to do
    public static Programs find(Map<String, String> environment) throws IOException {
        return new Programs(
                find("sparegrid-coordinator", environment), find("sparegrid-agent", environment));
    }

    private static Path find(String name, Map<String, String> environment) throws IOException {
        String beside = System.getProperty("sparegrid.programs", "");
        String path = environment.getOrDefault("PATH", "");
        for (String folder : (beside + ":" + path).split(":", -1)) {
            if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, name))) {
                return Path.of(folder, name).toAbsolutePath();
            }
        }
        throw new IOException(
                "the program "
                        + name
                        + " is not here, and a rehearsal is a small market of this computer's own;"
                        + " run bin/setup seller, or put it into the PATH");
    }
}
