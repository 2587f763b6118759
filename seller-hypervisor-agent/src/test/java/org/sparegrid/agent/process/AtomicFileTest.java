// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    @TempDir private Path folder = Path.of("/nonexistent");

    @Test
    void removesAFolderAndFollowsNoLink() throws Exception {
        Path kept = Files.createDirectories(folder.resolve("kept/inside"));
        Path gone = Files.createDirectories(folder.resolve("gone/inside"));
        Files.writeString(gone.resolve("file"), "x");
        Files.createSymbolicLink(gone.resolve("link"), kept);

        AtomicFile.deleteTree(folder.resolve("gone"));

        assertThat(folder.resolve("gone")).doesNotExist();
        assertThat(kept).isDirectory();
    }

    /// The names do not exist, so that the test would be harmless even if the check were missing.
    @Test
    void refusesWhateverLiesDirectlyInTheRoot() {
        assertThatThrownBy(() -> AtomicFile.deleteTree(Path.of("/sparegrid-no-such-folder")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> AtomicFile.deleteTree(Path.of("/no-such/../sparegrid-neither")))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
