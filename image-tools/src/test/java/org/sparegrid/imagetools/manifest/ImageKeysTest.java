// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageKeysTest {
    @TempDir Path folder;

    @Test
    void makesAFileThatOnlyItsOwnerReadsAndLoadsItAgain() throws Exception {
        Path file = folder.resolve("new/image.key");

        ImageKeys made = ImageKeys.loadOrCreate(file);
        ImageKeys loaded = ImageKeys.loadOrCreate(file);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(loaded.creator()).isEqualTo(made.creator());
        byte[] message = {1, 2, 3};
        assertThat(made.creator().verifies(message, loaded.sign(message))).isTrue();
    }

    @Test
    void refusesAFileThatOthersRead() throws Exception {
        Path file = folder.resolve("image.key");
        ImageKeys.loadOrCreate(file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));

        assertThatThrownBy(() -> ImageKeys.load(file))
                .isInstanceOf(ManifestFormatException.class)
                .hasMessageContaining("run chmod 600");
    }

    @Test
    void refusesHalvesThatDoNotBelongTogether() throws Exception {
        Path file = folder.resolve("image.key");
        ImageKeys.loadOrCreate(file);
        List<String> lines = Files.readAllLines(file);
        Files.write(
                file,
                List.of(lines.get(0), lines.get(1), "public " + ImageKeys.generate().creator()));

        assertThatThrownBy(() -> ImageKeys.load(file))
                .hasMessageContaining("do not belong together");
    }

    @Test
    void refusesAnyOtherFileWithoutShowingIt() throws Exception {
        Path file = folder.resolve("image.key");
        Files.writeString(file, "sparegrid-image-key 1\nprivate secret\npublic x\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));

        assertThatThrownBy(() -> ImageKeys.load(file))
                .isInstanceOf(ManifestFormatException.class)
                .hasMessageContaining("expected private and 64 hexadecimal digits")
                .hasMessageNotContaining("secret");
    }

    @Test
    void showsThePublicHalfOnly() throws Exception {
        Path file = folder.resolve("image.key");
        ImageKeys keys = ImageKeys.loadOrCreate(file);
        String secret = Files.readAllLines(file).get(1).substring("private ".length());

        assertThat(keys.toString()).contains(keys.creator().toString()).doesNotContain(secret);
    }
}
