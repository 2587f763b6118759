// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.imagetools.chunk.ChunkReference;
import org.sparegrid.imagetools.chunk.ChunkSource;
import org.sparegrid.imagetools.chunk.Chunker;
import org.sparegrid.imagetools.chunk.FileIndex;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.iso.BootMode;
import org.sparegrid.imagetools.manifest.CreatorKey;
import org.sparegrid.imagetools.manifest.Manifest;
import org.sparegrid.imagetools.manifest.Origin;
import org.sparegrid.imagetools.progress.Progress;

class ImageAssemblerTest {
    @TempDir Path folder;
    private Path original;
    private Path target;
    private byte[] content;
    private Manifest manifest;

    @BeforeEach
    void makesAnImageWithRepeatedChunks() throws IOException {
        content = new byte[3_000_000];
        new SplittableRandom(5).nextBytes(content);
        Arrays.fill(content, 1_000_000, 2_200_000, (byte) 0);
        original = Files.write(folder.resolve("original.iso"), content);
        target = folder.resolve("target.iso");
        manifest = manifest(Chunker.index(original));
    }

    private static Manifest manifest(FileIndex index) {
        CreatorKey key = CreatorKey.of(new byte[32]);
        return new Manifest("x", index, EnumSet.of(BootMode.BIOS), 1, new Origin.Foreign(), key);
    }

    private FileChunks source() throws IOException {
        return FileChunks.open(original, manifest.chunks());
    }

    @Test
    void writesTheImageFetchingEachChunkOnce() throws IOException {
        AtomicInteger fetched = new AtomicInteger();
        try (FileChunks source = source();
                ImageAssembler assembler = ImageAssembler.open(manifest, target)) {
            int distinct = assembler.missing().size();
            assertThat(distinct).isLessThan(manifest.chunks().size());

            VerifiedImage image =
                    assembler.assemble(
                            digest -> {
                                fetched.incrementAndGet();
                                return source.fetch(digest);
                            },
                            Progress.NONE);

            assertThat(fetched).hasValue(distinct);
            assertThat(image.file()).isEqualTo(target).hasBinaryContent(content);
        }
        assertThat(folder.resolve("target.iso.part")).doesNotExist();
    }

    @Test
    void goesOnAfterACutAndDistrustsWhatIsThere() throws IOException {
        try (FileChunks source = source();
                ImageAssembler assembler = ImageAssembler.open(manifest, target)) {
            List<ChunkReference> missing = assembler.missing();
            for (ChunkReference chunk : missing.subList(0, missing.size() / 2)) {
                assembler.fetch(chunk, source);
            }
        }
        Path part = folder.resolve("target.iso.part");
        byte[] damaged = Files.readAllBytes(part);
        damaged[100] ^= 1;
        Files.write(part, damaged);
        ChunkReference first = manifest.chunks().getFirst();

        try (FileChunks source = source();
                ImageAssembler assembler = ImageAssembler.open(manifest, target)) {
            assertThat(assembler.missing()).contains(first);
            assertThat(assembler.presentBytes()).isBetween(200_000L, 2_900_000L);
            assembler.assemble(source, Progress.NONE);
        }
        assertThat(target).hasBinaryContent(content);
    }

    @Test
    void usesNoByteOfAChunkWithAFlippedBit() throws IOException {
        ChunkReference chunk = manifest.chunks().getFirst();
        try (FileChunks source = source();
                ImageAssembler assembler = ImageAssembler.open(manifest, target)) {
            ChunkSource liar =
                    digest -> {
                        ByteBuffer given = source.fetch(digest);
                        given.put(7, (byte) (given.get(7) ^ 0x10));
                        return given;
                    };

            assertThatThrownBy(() -> assembler.fetch(chunk, liar))
                    .isInstanceOf(ChunkMismatchException.class)
                    .hasMessageContaining("chunk at byte 0")
                    .hasMessageContaining("expected sha256 " + chunk.digest());
            assertThat(folder.resolve("target.iso.part")).isEmptyFile();
            assertThat(assembler.missing()).contains(chunk);
        }
    }

    @Test
    void refusesAChunkOfAnotherLength() throws IOException {
        ChunkReference chunk = manifest.chunks().getFirst();
        try (ImageAssembler assembler = ImageAssembler.open(manifest, target)) {
            assertThatThrownBy(() -> assembler.accept(chunk, ByteBuffer.allocate(3)))
                    .isInstanceOf(ChunkMismatchException.class)
                    .hasMessageContaining("got 3");
        }
    }

    @Test
    void refusesAnImageWhoseWholeDigestIsWrong() throws IOException {
        FileIndex index = manifest.index();
        Sha256Digest wrong = Sha256Digest.of(new byte[32]);
        manifest = manifest(new FileIndex(index.sizeBytes(), wrong, index.chunks()));
        try (FileChunks source = source();
                ImageAssembler assembler = ImageAssembler.open(manifest, target)) {
            assertThatThrownBy(() -> assembler.assemble(source, Progress.NONE))
                    .hasMessageContaining("expected sha256 " + wrong + " of the whole image");
        }
        assertThat(target).doesNotExist();
    }

    @Test
    void doesNotFinishWithChunksMissing() throws IOException {
        try (ImageAssembler assembler = ImageAssembler.open(manifest, target)) {
            assertThatThrownBy(assembler::finish).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void takesChunksFromManyThreads() throws Exception {
        try (FileChunks source = source();
                ImageAssembler assembler = ImageAssembler.open(manifest, target);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (ChunkReference chunk : assembler.missing()) {
                for (int twice = 0; twice < 2; twice++) {
                    all.add(
                            threads.submit(() -> {
                                assembler.fetch(chunk, source);
                                return null;
                            }));
                }
            }
            for (Future<?> one : all) {
                one.get();
            }

            assertThat(assembler.presentBytes()).isEqualTo(content.length);
            assertThat(assembler.finish().file()).hasBinaryContent(content);
        }
    }

    @Test
    void verifiesAFileAndNamesTheChunkThatDiffers() throws IOException {
        VerifiedImage.verify(original, manifest);
        content[2_500_000] ^= 1;
        Files.write(original, content);

        assertThatThrownBy(() -> VerifiedImage.verify(original, manifest))
                .isInstanceOf(ChunkMismatchException.class)
                .hasMessageMatching(
                        "(?s).*chunk \\d+ of " + manifest.chunks().size() + " at byte .*");
        Files.write(original, new byte[5]);
        assertThatThrownBy(() -> VerifiedImage.verify(original, manifest))
                .hasMessageContaining("expected 3000000 bytes, got 5");
    }

    @Test
    void servesOnlyChunksThatTheFileStillHas() throws IOException {
        try (FileChunks source = source()) {
            assertThatThrownBy(() -> source.fetch(Sha256Digest.of(new byte[32])))
                    .hasMessageContaining("has no chunk");
            content[0] ^= 1;
            Files.write(original, content);
            assertThatThrownBy(() -> source.fetch(manifest.chunks().getFirst().digest()))
                    .isInstanceOf(ChunkMismatchException.class);
        }
    }
}
