// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.testsupport.Property;

class ContainerImageTest {
    private static final String CONFIG =
            "{\"architecture\":\"amd64\",\"config\":{\"Entrypoint\":[\"sh\",\"-c\"],"
                    + "\"Cmd\":[\"echo hi\"],\"Env\":[\"A=b\"],\"WorkingDir\":\"/srv\","
                    + "\"User\":\"app\"}}";

    @TempDir Path folder;

    private static Map<String, String> files(String... namesAndContents) {
        Map<String, String> files = new LinkedHashMap<>();
        for (int i = 0; i < namesAndContents.length; i += 2) {
            files.put(namesAndContents[i], namesAndContents[i + 1]);
        }
        return files;
    }

    private ContainerTree tree(List<Map<String, String>> layers) throws Exception {
        List<byte[]> tars = new ArrayList<>();
        for (Map<String, String> layer : layers) {
            tars.add(Archives.gzip(Archives.tar(layer)));
        }
        return ContainerTree.of(ContainerImage.read(Archives.oci(folder, CONFIG, tars), folder));
    }

    @Test
    void readsWhatDockerSaves() throws Exception {
        byte[] layer = Archives.tar(files("bin/sh", "x"));
        Path archive = Archives.docker(folder.resolve("app.tar"), CONFIG, layer);

        ContainerImage image = ContainerImage.read(archive, folder.resolve("work"));

        assertThat(image.config())
                .isEqualTo(
                        new ContainerConfig(
                                List.of("sh", "-c", "echo hi"), List.of("A=b"), "/srv", "app"));
        assertThat(ContainerTree.of(image).paths()).containsExactly("bin/sh");
    }

    @Test
    void putsLayersOverOneAnother() throws Exception {
        ContainerTree tree =
                tree(
                        List.of(
                                files(
                                        "a/", "", "a/one", "1", "a/two", "2", "b/", "", "b/x", "3",
                                        "c", "file", "ab", "4"),
                                files(
                                        "./a/.wh.one",
                                        "",
                                        "b/.wh..wh..opq",
                                        "",
                                        "b/y",
                                        "5",
                                        "c/",
                                        "",
                                        "c/z",
                                        "6",
                                        "etc/passwd",
                                        "app:x:7:8::/:/bin/sh\n"),
                                files(".wh.ab", "", "a/one", "again")));

        assertThat(tree.paths())
                .containsExactly("a", "a/one", "a/two", "b", "b/y", "c", "c/z", "etc/passwd");
        assertThat(tree.user("app")).contains("7:8");
        assertThat(tree.user("root")).isEmpty();
    }

    @Test
    void refusesABlobThatWasChanged() throws Exception {
        Path layout =
                Archives.oci(folder, CONFIG, List.of(Archives.tar(files("a", "some content"))));
        try (Stream<Path> blobs = Files.list(layout.resolve("blobs/sha256"))) {
            for (Path blob : blobs.toList()) {
                byte[] bytes = Files.readAllBytes(blob);
                bytes[bytes.length / 3] ^= 1;
                Files.write(blob, bytes);

                assertThatThrownBy(() -> ContainerImage.read(layout, folder))
                        .isInstanceOf(ContainerFormatException.class)
                        .hasMessageContaining("is damaged");
                bytes[bytes.length / 3] ^= 1;
                Files.write(blob, bytes);
            }
        }
        assertThat(ContainerImage.read(layout, folder).layers()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | says neither an entry point nor a command",
                "{\"architecture\":\"arm64\"} | expected architecture amd64, got arm64",
                "{\"config\":{\"Cmd\":[1]}} | expected a text",
                "{ | expected JSON",
            })
    void refusesAConfigurationThatCannotRun(String config, String why) throws Exception {
        Path layout = Archives.oci(folder, config, List.of());

        assertThatThrownBy(() -> ContainerImage.read(layout, folder))
                .isInstanceOf(ContainerFormatException.class)
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "a/../../x", "a\nb"})
    void refusesNamesThatLeadOut(String name) {
        assertThatThrownBy(() -> ContainerTree.path(name))
                .isInstanceOf(ContainerFormatException.class);
    }

    @Test
    void readsOrRefusesAnyMutant() throws Exception {
        byte[] seed =
                Files.readAllBytes(
                        Archives.docker(
                                folder.resolve("app.tar"),
                                CONFIG,
                                Archives.tar(files("bin/", "", "bin/sh", "x", "l", "->bin"))));
        Property.holds(
                Boolean.getBoolean("sparegrid.full") ? 20_000 : 300,
                random -> {
                    byte[] mutant = seed.clone();
                    for (int i = random.nextInt(1, 5); i > 0; i--) {
                        mutant[random.nextInt(mutant.length)] = (byte) random.nextInt();
                    }
                    Path work = Files.createTempDirectory(folder, "m");
                    Path file = Files.write(work.resolve("mutant.tar"), mutant);
                    try {
                        ContainerTree.of(ContainerImage.read(file, work.resolve("parts")));
                    } catch (ContainerFormatException expected) {
                        assertThat(expected).hasMessageStartingWith("container: ");
                    } catch (IOException expected) {
                        assertThat(expected.getMessage()).isNotBlank();
                    }
                });
    }
}
