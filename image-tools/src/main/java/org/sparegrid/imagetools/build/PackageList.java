// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.sparegrid.imagetools.manifest.Origin;

/// The packages that a layer brings, in a file beside it in the cache: a line of name and version
/// for each one that is not below it with the same version.
record PackageList(Path file) {
    /// The list of the layer in `squashfs`.
    static PackageList beside(Path squashfs) {
        String name = String.valueOf(squashfs.getFileName()).replaceAll("[.]squashfs$", "");
        return new PackageList(squashfs.resolveSibling(name + ".packages"));
    }

    boolean exists() {
        return Files.isRegularFile(file);
    }

    /// Reads it; a package whose name no manifest can hold fails the build.
    List<Origin.InstalledPackage> read() throws IOException, BuildException {
        List<Origin.InstalledPackage> packages = new ArrayList<>();
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            String[] words = line.split(" ", -1);
            if (words.length != 2) {
                throw new BuildException(file + ": expected a name and a version, got " + line);
            }
            try {
                packages.add(new Origin.InstalledPackage(words[0], words[1]));
            } catch (IllegalArgumentException unusual) {
                throw new BuildException(file + ": " + unusual.getMessage());
            }
        }
        if (packages.size() > Origin.Layer.PACKAGES_MAX) {
            throw new BuildException(
                    "expected at most 5000 packages in one layer, got " + packages.size());
        }
        return packages;
    }
}
