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
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.recipe.BuildStep;
import org.sparegrid.imagetools.recipe.Execution;
import org.sparegrid.imagetools.recipe.FileEntry;
import org.sparegrid.imagetools.recipe.Layer;
import org.sparegrid.imagetools.recipe.Service;
import org.sparegrid.imagetools.recipe.User;

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
        List<FileEntry> files = List.of(new FileEntry.Copy("/opt", folder.resolve("tree"), "root"));
        List<BuildStep> steps = run.stream().<BuildStep>map(BuildStep.Command::new).toList();
        return new Layer("n", packages, List.of(), files, List.of(services), steps, network);
    }

    @Test
    void isTheSameForTheSameLayerWhenever() throws IOException {
        Sha256Digest before = LayerKey.of(BASE, layer(List.of("gcc"), List.of(), false));
        Files.setLastModifiedTime(file, FileTime.fromMillis(0));

        assertThat(LayerKey.of(BASE, layer(List.of("gcc"), List.of(), false))).isEqualTo(before);
    }

    private static Layer withUser(List<String> keys) {
        List<User> users = List.of(new User("bob", "/bin/sh", List.of(), keys));
        return new Layer("n", List.of(), users, List.of(), List.of(), List.of(), false);
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
                        layer(
                                List.of(),
                                List.of(),
                                false,
                                new Service.Command("a", "/b", "no", Execution.PLAIN))));
        keys.add(
                LayerKey.of(
                        BASE,
                        layer(
                                List.of(),
                                List.of(),
                                false,
                                new Service.Command(
                                        "a",
                                        "/b",
                                        "no",
                                        new Execution("root", List.of(), Map.of("A", "b"))))));
        keys.add(
                LayerKey.of(
                        BASE,
                        layer(
                                List.of(),
                                List.of(),
                                false,
                                new Service.Script("a", file, Execution.PLAIN))));
        keys.add(LayerKey.of(BASE, withUser(List.of())));
        keys.add(LayerKey.of(BASE, withUser(List.of("ssh-ed25519 AAAA"))));
        keys.add(
                LayerKey.of(
                        BASE,
                        new Layer(
                                "n",
                                List.of(),
                                List.of(),
                                List.of(),
                                List.of(),
                                List.of(new BuildStep.Script(file)),
                                false)));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        keys.add(LayerKey.of(BASE, layer(List.of(), List.of(), false)));
        Files.writeString(file, "Content");
        keys.add(LayerKey.of(BASE, layer(List.of(), List.of(), false)));
        Files.createSymbolicLink(folder.resolve("tree/b"), Path.of("a"));
        keys.add(LayerKey.of(BASE, layer(List.of(), List.of(), false)));

        assertThat(keys).hasSize(16);
    }
}
