// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.recipe.FileEntry;
import org.sparegrid.imagetools.recipe.Layer;
import org.sparegrid.imagetools.recipe.Service;

class LayerKeyTest {
    private static final Sha256Digest BASE = Sha256Digest.of(new byte[32]);

    @TempDir Path folder;
    private Path file;

    @BeforeEach
    void makesATree() throws IOException {
        file =
                Files.writeString(
                        Files.createDirectory(folder.resolve("tree")).resolve("a"), "content");
    }

    private Layer layer(
            List<String> packages, List<String> run, boolean network, Service... services) {
        List<FileEntry> files = List.of(new FileEntry.Copy("/opt", folder.resolve("tree")));
        return new Layer("n", packages, files, List.of(services), run, network);
    }

    @Test
    void isTheSameForTheSameLayerWhenever() throws IOException {
        Sha256Digest before = LayerKey.of(BASE, layer(List.of("gcc"), List.of(), false));
        Files.setLastModifiedTime(file, FileTime.fromMillis(0));

        assertThat(LayerKey.of(BASE, layer(List.of("gcc"), List.of(), false))).isEqualTo(before);
    }

    @Test
    void changesWithEverythingThatMakesTheLayer() throws IOException {
        Set<Sha256Digest> keys = new HashSet<>();
        keys.add(LayerKey.of(BASE, layer(List.of(), List.of(), false)));
        keys.add(
                LayerKey.of(
                        Sha256Digest.ofContent(new byte[0]), layer(List.of(), List.of(), false)));
        keys.add(LayerKey.of(BASE, layer(List.of("gcc"), List.of(), false)));
        keys.add(LayerKey.of(BASE, layer(List.of("g", "cc"), List.of(), false)));
        keys.add(LayerKey.of(BASE, layer(List.of(), List.of("gcc"), false)));
        keys.add(LayerKey.of(BASE, layer(List.of(), List.of(), true)));
        keys.add(LayerKey.of(BASE, layer(List.of(), List.of(), false, new Service.Existing("a"))));
        keys.add(
                LayerKey.of(
                        BASE,
                        layer(List.of(), List.of(), false, new Service.Command("a", "/b", "no"))));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        keys.add(LayerKey.of(BASE, layer(List.of(), List.of(), false)));
        Files.writeString(file, "Content");
        keys.add(LayerKey.of(BASE, layer(List.of(), List.of(), false)));
        Files.createSymbolicLink(folder.resolve("tree/b"), Path.of("a"));
        keys.add(LayerKey.of(BASE, layer(List.of(), List.of(), false)));

        assertThat(keys).hasSize(11);
    }
}
