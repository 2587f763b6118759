// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.recipe;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.Node;

/// Finds the files beside a recipe that it names.
final class RecipeFiles {
    private final YamlFaults faults;
    private final Path folder;

    RecipeFiles(YamlFaults faults, Path folder) {
        this.faults = faults;
        this.folder = folder;
    }

    /// The file or folder that `node` names, which must be there.
    Optional<Path> existing(Node node, String what) {
        Optional<Path> path =
                faults.checked(node, what, "a path", RecipeFiles::isPath).map(folder::resolve);
        if (path.isPresent() && !Files.exists(path.get(), LinkOption.NOFOLLOW_LINKS)) {
            faults.add(node, what + ": no such file or folder: " + path.get());
        }
        return path.map(Path::normalize);
    }

    /// Whether this computer can have a file of this name.
    static boolean isPath(String text) {
        try {
            return Path.of(text).toString().equals(text) || !text.isEmpty();
        } catch (InvalidPathException notOne) {
            return false;
        }
    }

    /// The program that `node` names, which must begin with `#!`.
    Optional<Path> script(Node node) {
        Optional<Path> file = existing(node, "script");
        if (file.isPresent() && Files.exists(file.get()) && !isScript(file.get())) {
            faults.add(
                    node,
                    "script: expected a file that begins with #!, such as #!/bin/sh, got "
                            + file.get());
        }
        return file;
    }

    private static boolean isScript(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return in.read() == '#' && in.read() == '!';
        } catch (IOException unreadable) {
            // A folder, or not ours to read: no script either way.
            return false;
        }
    }
}
