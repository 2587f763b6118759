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
import org.sparegrid.imagetools.chunk.Sha256Digest;

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

    @Test
    void knowsWhatAFileWasMadeOfUntilItChanges() throws IOException {
        Sha256Digest parts = Sha256Digest.ofContent(new byte[] {1});
        Sha256Digest others = Sha256Digest.ofContent(new byte[] {2});
        FileIndex index = Chunker.index(file);
        assertThat(cache.made(file, parts)).isEmpty();

        cache.note(file, parts, index);

        assertThat(cache.made(file, parts)).contains(index);
        assertThat(cache.made(file, others)).isEmpty();
        FileTime time = Files.getLastModifiedTime(file);
        byte[] content = Files.readAllBytes(file);
        content[5] ^= 1;
        Files.write(file, content);
        Files.setLastModifiedTime(file, time);
        assertThat(cache.made(file, parts)).isEmpty();
        Files.delete(file);
        assertThat(cache.made(file, parts)).isEmpty();
    }

    @Test
    void keepsTheNewest() throws IOException {
        FileIndex index = cache.of(file);
        Files.setLastModifiedTime(kept().getFirst(), FileTime.fromMillis(1));
        for (int i = 0; i < 128; i++) {
            assertThat(cache.of(file)).isEqualTo(index);
            cache.note(file, Sha256Digest.ofContent(new byte[] {(byte) i}), index);
        }

        assertThat(kept()).hasSize(128);
        assertThat(cache.made(file, Sha256Digest.ofContent(new byte[] {0}))).contains(index);
        assertThat(cache.made(file, Sha256Digest.ofContent(new byte[] {127}))).contains(index);
    }
}
