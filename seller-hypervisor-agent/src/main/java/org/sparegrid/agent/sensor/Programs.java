// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.sensor;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// The programs that run.
final class Programs {
    /// The kernel keeps no more of a program's name, in bytes.
    private static final int NAME_MAX = 15;

    private Programs() {}

    /// The first of `names` that runs; the file name of a program counts, whatever its case.
    static Optional<String> running(Path proc, Collection<String> names) {
        if (names.isEmpty()) {
            return Optional.empty();
        }
        for (Path process : HostFiles.folders(proc, "[0-9]*")) {
            String kernelName = HostFiles.text(process.resolve("comm")).orElse("");
            for (String name : names) {
                String cut = name.substring(0, Math.min(NAME_MAX, name.length()));
                if (cut.equalsIgnoreCase(kernelName)
                        && (name.length() < NAME_MAX || isCommand(process, name))) {
                    return Optional.of(name);
                }
            }
        }
        return Optional.empty();
    }

    private static boolean isCommand(Path process, String name) {
        String line = HostFiles.text(process.resolve("cmdline")).orElse("");
        String program = List.of(line.split("\0", -1)).getFirst();
        return program.substring(program.lastIndexOf('/') + 1).equalsIgnoreCase(name);
    }
}
