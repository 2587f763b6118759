// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.sparegrid.imagetools.chunk.FileIndex;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.recipe.Base;

/// The ISO file that a recipe is built over, and its index.
record BaseFile(Path iso, FileIndex index) {
    /// More would take minutes to look through, and nobody keeps so many in one folder.
    private static final int CANDIDATES_MAX = 64;

    /// Finds the file that `base` means.
    ///
    /// @throws BuildException if there is none
    static BaseFile find(Base base, BuildSettings settings, IndexCache indexes)
            throws IOException, BuildException {
        return switch (base) {
            case Base.Sparegrid _ -> of(settings.baseIso(), indexes);
            case Base.IsoFile(Path iso) -> of(iso, indexes);
            case Base.PinnedIsoFile(Path iso, Sha256Digest sha256) ->
                    pinned(of(iso, indexes), sha256);
            case Base.Digest(Sha256Digest sha256, Path folder) ->
                    withDigest(sha256, folder, settings, indexes);
        };
    }

    Sha256Digest sha256() {
        return index.sha256();
    }

    private static BaseFile of(Path iso, IndexCache indexes) throws IOException, BuildException {
        if (!Files.isRegularFile(iso)) {
            throw new BuildException(
                    "the base ISO "
                            + iso
                            + " is not there; build Sparegrid's with"
                            + " packer/build-base-iso "
                            + iso
                            + ", or name another in the recipe");
        }
        return new BaseFile(iso, indexes.of(iso));
    }

    private static BaseFile pinned(BaseFile base, Sha256Digest sha256) throws BuildException {
        if (!base.sha256().equals(sha256)) {
            throw new BuildException(
                    base.iso + ": expected sha256 " + sha256 + ", got " + base.sha256());
        }
        return base;
    }

    private static BaseFile withDigest(
            Sha256Digest sha256, Path folder, BuildSettings settings, IndexCache indexes)
            throws IOException, BuildException {
        List<Path> candidates = new ArrayList<>(List.of(settings.baseIso()));
        candidates.addAll(isos(folder));
        candidates.addAll(isos(settings.cacheFolder()));
        for (Path iso : candidates) {
            if (Files.isRegularFile(iso) && indexes.of(iso).sha256().equals(sha256)) {
                return new BaseFile(iso, indexes.of(iso));
            }
        }
        throw new BuildException(
                "base: no ISO file in "
                        + folder
                        + " or "
                        + settings.cacheFolder()
                        + " has sha256 "
                        + sha256
                        + "; put it into one of them");
    }

    private static List<Path> isos(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".iso"))
                    .sorted()
                    .limit(CANDIDATES_MAX)
                    .toList();
        }
    }
}
