// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.chunk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.testsupport.Property;

class ChunkerTest {
    private static byte[] bytes(long seed, int length) {
        byte[] bytes = new byte[length];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }

    private static FileIndex split(byte[] bytes) throws IOException {
        return Chunker.split(new ByteArrayInputStream(bytes), (_, _) -> {});
    }

    /// The vector of docs/protocol/image-manifest.md, section 4, found by a second program: bytes
    /// are the upper eight bits of a linear congruential generator.
    @Test
    void cutsTheFileOfTheProtocolPageAsItSays() throws IOException {
        byte[] file = new byte[600_000];
        long state = 1;
        for (int i = 0; i < file.length; i++) {
            state = state * 6364136223846793005L + 1442695040888963407L;
            file[i] = (byte) (state >>> 56);
        }

        assertThat(split(file).chunks().stream().map(ChunkReference::lengthBytes))
                .containsExactly(42_211, 142_608, 68_641, 69_277, 71_002, 72_336, 89_279, 44_646);
    }

    @Test
    void givesTheContentBackInBoundedChunks() {
        Property.holds(
                60,
                random -> {
                    byte[] file = bytes(random.nextLong(), random.nextInt(2_000_000));
                    ByteArrayOutputStream joined = new ByteArrayOutputStream();

                    FileIndex index =
                            Chunker.split(
                                    new ByteArrayInputStream(file),
                                    (chunk, content) -> {
                                        byte[] copy = new byte[content.remaining()];
                                        content.get(copy);
                                        joined.write(copy);
                                        assertThat(Sha256Digest.ofContent(copy))
                                                .isEqualTo(chunk.digest());
                                    });

                    assertThat(joined.toByteArray()).isEqualTo(file);
                    assertThat(index.sizeBytes()).isEqualTo(file.length);
                    assertThat(index.sha256()).isEqualTo(Sha256Digest.ofContent(file));
                    List<ChunkReference> chunks = index.chunks();
                    for (int i = 0; i < chunks.size(); i++) {
                        assertThat(chunks.get(i).lengthBytes()).isLessThanOrEqualTo(256 * 1024);
                        if (i < chunks.size() - 1) {
                            assertThat(chunks.get(i).lengthBytes()).isGreaterThan(16 * 1024);
                        }
                    }
                });
    }

    @Test
    void cutsInChunksNearTheAverageLength() throws IOException {
        int count = split(bytes(1, 20_000_000)).chunks().size();

        assertThat(20_000_000 / count).isBetween(60_000, 90_000);
    }

    @Test
    void keepsAllButAFewChunksWhenBytesAreInserted() {
        Property.holds(
                10,
                random -> {
                    byte[] file = bytes(random.nextLong(), 4_000_000);
                    int at = random.nextInt(file.length);
                    byte[] longer = new byte[file.length + 100];
                    System.arraycopy(file, 0, longer, 0, at);
                    System.arraycopy(file, at, longer, at + 100, file.length - at);

                    Set<ChunkReference> before = new HashSet<>(split(file).chunks());
                    Set<ChunkReference> after = new HashSet<>(split(longer).chunks());
                    after.removeAll(before);

                    assertThat(after.size()).isBetween(1, 8);
                });
    }

    @Test
    void cutsARunOfZerosAtTheLongestLength() throws IOException {
        assertThat(split(new byte[1 << 20]).chunks().stream().map(ChunkReference::lengthBytes))
                .containsExactly(262_144, 262_144, 262_144, 262_144);
    }

    @Test
    void cutsTheSameWhateverPortionsTheStreamGives() throws IOException {
        byte[] file = bytes(7, 3_000_000);
        InputStream portions =
                new FilterInputStream(new ByteArrayInputStream(file)) {
                    @Override
                    public int read(byte[] target, int offset, int length) throws IOException {
                        return super.read(target, offset, Math.min(length, 1013));
                    }
                };

        assertThat(Chunker.split(portions, (_, _) -> {})).isEqualTo(split(file));
    }

    @Test
    void findsNoChunkInAnEmptyFile() throws IOException {
        assertThat(split(new byte[0]).chunks()).isEmpty();
    }

    @Test
    void handsOutContentThatCannotBeChanged() throws IOException {
        Chunker.split(
                new ByteArrayInputStream(new byte[100]),
                (_, content) -> assertThat(content).matches(ByteBuffer::isReadOnly));
    }

    @Test
    void cutsAFileLikeAnotherExactlyAsAlone(@TempDir Path folder) throws IOException {
        Path like = folder.resolve("like");
        Path file = folder.resolve("file");
        Property.holds(
                40,
                random -> {
                    byte[] before = bytes(random.nextLong(), random.nextInt(1_500_000));
                    byte[] after = Arrays.copyOf(before, random.nextInt(1_500_000));
                    for (int i = random.nextInt(4); i > 0 && after.length > 0; i--) {
                        int start = random.nextInt(after.length);
                        int end = Math.min(after.length, start + random.nextInt(50_000));
                        Arrays.fill(after, start, end, (byte) random.nextInt());
                    }
                    Files.write(like, before);
                    Files.write(file, after);

                    assertThat(Chunker.index(file, like, Chunker.index(like)))
                            .isEqualTo(split(after));
                });
    }
}
