// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.agent.process.AtomicFile;

class FoldersTest {
    private static final Instant NOW = Instant.parse("2026-11-22T20:00:00Z");

    @TempDir private Path folder = Path.of("/nonexistent");

    @Test
    void whatRunsKeepsItsFilesFromBeingClearedAway() throws Exception {
        // The path decides where the files for sockets are: below it, or in /tmp.
        Folders folders = new Folders(folder.resolve("agent.toml"), folder.resolve("d"));
        Path runtime = Files.createDirectories(folders.runtime().resolve("v"));
        Path victim = Files.writeString(folder.resolve("other"), "not ours");
        try {
            Path old = Files.writeString(runtime.resolve("libvirtd.pid"), "1");
            Files.setLastModifiedTime(old, FileTime.from(Instant.EPOCH));
            Files.setLastModifiedTime(victim, FileTime.from(Instant.EPOCH));
            Files.createSymbolicLink(runtime.resolve("link"), victim);

            folders.useRuntime(NOW);

            assertThat(Files.getLastModifiedTime(old).toInstant()).isEqualTo(NOW);
            assertThat(Files.getLastModifiedTime(victim).toInstant()).isEqualTo(Instant.EPOCH);
        } finally {
            AtomicFile.deleteTree(folders.runtime());
        }
    }

    @Test
    void aHomeHoldsEverything() {
        assertThat(Folders.of("/srv/a", Map.of()))
                .isEqualTo(new Folders(Path.of("/srv/a/agent.toml"), Path.of("/srv/a")));
        assertThat(new Folders(Path.of("/srv/a/agent.toml"), Path.of("/srv/a")).runtime())
                .isEqualTo(Path.of("/srv/a/r"));
        assertThat(Folders.of("", Map.of("HOME", "/home/of-a-seller")).runtime().toString())
                .startsWith("/tmp/sg-");
    }
}
