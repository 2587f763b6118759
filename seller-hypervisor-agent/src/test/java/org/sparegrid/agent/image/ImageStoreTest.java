// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.manifest.ImageKeys;
import org.sparegrid.protocol.ImageId;

class ImageStoreTest {
    private static final int SIZE_BYTES = 1_500_000;

    @TempDir Path folder;

    private final ImageKeys keys = ImageKeys.generate();
    private final String key = Base64.getEncoder().encodeToString(keys.creator().toBytes());
    private final Shelf shelf = new Shelf();
    private byte[] content = new byte[0];
    private ImageId image = new ImageId("0".repeat(64));
    private ImageStore store = new ImageStore(Path.of(""), 0, Path.of(""), false);

    @BeforeEach
    void putAnImageOnTheShelf() throws IOException {
        store = new ImageStore(folder, 10L << 20, folder, false);
        content = new byte[SIZE_BYTES];
        new Random(7).nextBytes(content);
        image = shelf.put(content, keys);
    }

    private Path get() throws IOException, InterruptedException {
        return store.get(image, key, shelf, Set.of(), (_, _) -> {}).file();
    }

    @Test
    void fetchesOnceAndGivesTheSameBytes() throws Exception {
        List<Long> all = new ArrayList<>();
        Path file = store.get(image, key, shelf, Set.of(), (_, total) -> add(all, total)).file();
        assertThat(file).hasBinaryContent(content);
        assertThat(all).contains((long) SIZE_BYTES);
        int first = shelf.fetched.get();
        assertThat(get()).isEqualTo(file);
        assertThat(shelf.fetched).hasValue(first);
    }

    private static void add(List<Long> list, long value) {
        synchronized (list) {
            list.add(value);
        }
    }

    @Test
    void leasesOfOneImageShareOneDownload() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Path>> leases = new ArrayList<>();
            Callable<Path> lease = this::get;
            for (int i = 0; i < 8; i++) {
                leases.add(threads.submit(lease));
            }
            for (Future<Path> each : leases) {
                assertThat(each.get()).hasBinaryContent(content);
            }
        }
        assertThat(shelf.fetched).hasValue(shelf.chunks.size());
    }

    @Test
    void goesOnWhereItWasCut() throws Exception {
        shelf.failAfter = shelf.chunks.size() / 2;
        assertThatThrownBy(this::get).isInstanceOf(IOException.class);
        shelf.failAfter = Integer.MAX_VALUE;
        shelf.fetched.set(0);
        assertThat(get()).hasBinaryContent(content);
        assertThat(shelf.fetched.get()).isBetween(1, shelf.chunks.size() - 1);
    }

    @Test
    void fetchesAFileAgainThatWasDamagedOnDisk() throws Exception {
        Path file = get();
        byte[] damaged = content.clone();
        damaged[SIZE_BYTES / 2] ^= 1;
        Files.write(file, damaged);
        assertThat(get()).hasBinaryContent(content);
    }

    @Test
    void refusesAnotherBuyersImageAndAnotherManifest() throws Exception {
        String other = Base64.getEncoder().encodeToString(ImageKeys.generate().creator().toBytes());
        assertThatThrownBy(() -> store.get(image, other, shelf, Set.of(), (_, _) -> {}))
                .isInstanceOf(RejectedImageException.class)
                .hasMessageContaining("expected creator");
        ImageId named = new ImageId("ab".repeat(32));
        shelf.manifests.put(named, shelf.manifests.get(image));
        assertThatThrownBy(() -> store.get(named, key, shelf, Set.of(), (_, _) -> {}))
                .isInstanceOf(RejectedImageException.class)
                .hasMessageContaining("expected that manifest");
    }

    @Test
    void neverGivesAFileWithAWrongChunk() {
        Sha256Digest some = shelf.chunks.keySet().iterator().next();
        shelf.chunks.get(some)[0] ^= 1;
        assertThatThrownBy(this::get).isInstanceOf(RejectedImageException.class);
        assertThat(folder.toFile().listFiles((_, name) -> name.endsWith(".iso"))).isEmpty();
    }

    @Test
    void removesTheLongestUnusedButNothingInUse() throws Exception {
        Path oldest = get();
        ImageStore small = new ImageStore(folder, SIZE_BYTES + 1000L, folder, false);
        byte[] second = new byte[SIZE_BYTES];
        new Random(8).nextBytes(second);
        ImageId next = shelf.put(second, keys);
        String used = Sha256Digest.ofContent(content).toString();
        assertThatThrownBy(() -> small.get(next, key, shelf, Set.of(used), (_, _) -> {}))
                .isInstanceOf(RejectedImageException.class)
                .hasMessageContaining("of which guests use " + SIZE_BYTES);
        assertThat(oldest).exists();
        small.get(next, key, shelf, Set.of(), (_, _) -> {});
        assertThat(oldest).doesNotExist();
    }
}
