// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.sensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The small files in which the kernel says how things are; those that are missing say nothing.
final class HostFiles {
    private HostFiles() {}

    static Optional<String> text(Path file) {
        try {
            return Optional.of(Files.readString(file).strip());
        } catch (IOException | SecurityException missing) {
            return Optional.empty();
        }
    }

    static Optional<Long> number(Path file) {
        return text(file).filter(t -> t.matches("-?[0-9]{1,18}")).map(Long::parseLong);
    }

    static List<Path> folders(Path parent, String names) {
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(parent)) {
            try (var entries = Files.newDirectoryStream(parent, names)) {
                entries.forEach(found::add);
            } catch (IOException vanished) {
                return found;
            }
        }
        return found;
    }
}
