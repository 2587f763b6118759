// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.imagetools.chunk.Chunker;
import org.sparegrid.imagetools.chunk.FileIndex;

class IndexCacheTest {
    @TempDir Path folder;
    private Path file;
    private IndexCache cache;

    @BeforeEach
    void makesAFile() throws IOException {
        byte[] content = new byte[300_000];
        new Random(1).nextBytes(content);
        file = Files.write(folder.resolve("x.iso"), content);
        cache = new IndexCache(folder.resolve("indexes"));
    }

    private List<Path> kept() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("indexes"))) {
            return files.toList();
        }
    }

    @Test
    void readsWhatItKept() throws IOException {
        FileIndex made = cache.of(file);

        assertThat(made).isEqualTo(Chunker.index(file));
        assertThat(cache.of(file)).isEqualTo(made).isNotSameAs(made);
        assertThat(kept()).hasSize(1);
    }

    @Test
    void noticesAChangeThatHidesItsTime() throws IOException {
        FileIndex made = cache.of(file);
        FileTime time = Files.getLastModifiedTime(file);
        byte[] content = Files.readAllBytes(file);
        content[5] ^= 1;
        Files.write(file, content);
        Files.setLastModifiedTime(file, time);

        assertThat(cache.of(file)).isNotEqualTo(made).isEqualTo(Chunker.index(file));
    }

    @Test
    void makesAnewWhatIsCutOff() throws IOException {
        FileIndex made = cache.of(file);
        Path entry = kept().getFirst();
        byte[] bytes = Files.readAllBytes(entry);
        for (int length : new int[] {0, 10, 60, bytes.length - 1}) {
            Files.write(entry, Arrays.copyOf(bytes, length));

            assertThat(cache.of(file)).isEqualTo(made);
        }
    }
}
