// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.testsupport.Property;

class ChunkStoreTest {
    private static final byte[] ABC = "abc".getBytes(StandardCharsets.US_ASCII);

    /// FIPS 180-4's example.
    private static final String ABC_SHA256 =
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @TempDir Path folder;
    private ChunkStore store;

    @BeforeEach
    void open() throws IOException {
        store = ChunkStore.open(folder);
    }

    @Test
    void keepsWhatWasPutUntilItIsDeleted() throws Exception {
        assertThat(store.has(ABC_SHA256)).isFalse();
        store.put(ABC_SHA256, ABC);
        store.put(ABC_SHA256, ABC);
        store = ChunkStore.open(folder);
        assertThat(store.has(ABC_SHA256)).isTrue();
        assertThat(store.get(ABC_SHA256).plain()).isEqualTo(ABC);
        assertThat(folder.resolve("chunks/ba").resolve(ABC_SHA256)).hasBinaryContent(ABC);
        store.delete(ABC_SHA256);
        store.delete(ABC_SHA256);
        assertThat(store.has(ABC_SHA256)).isFalse();
        assertThatThrownBy(() -> store.get(ABC_SHA256)).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void readsWhatItWrote() {
        Property.holds(
                50,
                random -> {
                    byte[] bytes = new byte[random.nextInt(10_000)];
                    random.nextBytes(bytes);
                    try {
                        store.put(sha256(bytes), bytes);
                        assertThat(store.get(sha256(bytes)).plain()).isEqualTo(bytes);
                    } catch (IOException | ChunkMismatchException failed) {
                        throw new AssertionError(failed);
                    }
                });
    }

    @Test
    void keepsWhatGzipMakesShorterInLessSpace() throws Exception {
        byte[] bytes = new byte[100_000];
        String name = sha256(bytes);
        store.put(name, bytes);
        store.put(name, bytes);
        assertThat(store.has(name)).isTrue();
        KeptBytes kept = store.get(name);
        assertThat(kept.coded()).isTrue();
        assertThat(kept.bytes()).hasSizeLessThan(1000);
        assertThat(kept.plain()).isEqualTo(bytes);
        assertThat(files()).hasSize(1).allMatch(file -> file.toString().endsWith(name + ".gz"));
        store.delete(name);
        assertThat(store.has(name)).isFalse();
        assertThat(files()).isEmpty();
    }

    @Test
    void refusesOtherBytesAndKeepsNothingOfThem() throws IOException {
        assertThatThrownBy(() -> store.put(ABC_SHA256, new byte[3]))
                .isInstanceOf(ChunkMismatchException.class)
                .hasMessageStartingWith("chunk: expected bytes with SHA-256 " + ABC_SHA256);
        assertThat(store.has(ABC_SHA256)).isFalse();
        assertThat(files()).isEmpty();
    }

    @Test
    void takesAMebibyteAndNoMore() throws Exception {
        byte[] largest = new byte[ChunkStore.CHUNK_MAX_BYTES];
        store.put(sha256(largest), largest);
        assertThat(store.get(sha256(largest)).plain()).isEqualTo(largest);
        byte[] larger = new byte[ChunkStore.CHUNK_MAX_BYTES + 1];
        assertThatThrownBy(() -> store.put(sha256(larger), larger))
                .isInstanceOf(ChunkMismatchException.class)
                .hasMessage("chunk: expected at most 1048576 bytes, got 1048577");
    }

    @Test
    void keepsManifestsApartFromChunks() throws Exception {
        ImageId image = new ImageId(ABC_SHA256);
        store.putManifest(image, ABC);
        assertThat(store.getManifest(image)).isEqualTo(ABC);
        assertThat(store.hasManifest(image)).isTrue();
        assertThat(store.has(ABC_SHA256)).isFalse();
        store.deleteManifest(image);
        assertThat(store.hasManifest(image)).isFalse();
        assertThatThrownBy(() -> store.putManifest(image, new byte[1]))
                .isInstanceOf(ChunkMismatchException.class)
                .hasMessageStartingWith("manifest: expected bytes with SHA-256");
        byte[] tooLong = new byte[ChunkStore.MANIFEST_MAX_BYTES + 1];
        assertThatThrownBy(() -> store.putManifest(new ImageId(sha256(tooLong)), tooLong))
                .hasMessage("manifest: expected at most 16777216 bytes, got 16777217");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ba",
                "../../../../etc/passwd",
                "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n",
                "/a7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            })
    void refusesNamesThatAreNoDigest(String name) {
        for (Callable<?> use :
                List.<Callable<?>>of(
                        () -> store.has(name),
                        () -> store.get(name),
                        () -> {
                            store.put(name, ABC);
                            return name;
                        },
                        () -> {
                            store.delete(name);
                            return name;
                        })) {
            assertThatThrownBy(use::call)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("chunk: expected 64 hexadecimal digits, got " + name.length());
        }
    }

    @Test
    void clearsInterruptedPutsAway() throws Exception {
        store.put(ABC_SHA256, ABC);
        Files.write(folder.resolve("chunks/new/chunk123"), new byte[10]);
        Files.write(folder.resolve("manifests/new/manifest123"), new byte[10]);
        store = ChunkStore.open(folder);
        assertThat(files()).containsExactly(folder.resolve("chunks/ba").resolve(ABC_SHA256));
    }

    @Test
    void takesTheSameChunkFromManyAtOnce() throws Exception {
        byte[] bytes = new byte[100_000];
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> puts =
                    Stream.generate(() -> threads.submit(() -> putAndLook(bytes)))
                            .limit(20)
                            .toList();
            for (Future<Boolean> put : puts) {
                assertThat(put.get()).isTrue();
            }
        }
        assertThat(files()).hasSize(1);
        assertThat(store.get(sha256(bytes)).plain()).isEqualTo(bytes);
    }

    private boolean putAndLook(byte[] bytes) throws IOException, ChunkMismatchException {
        store.put(sha256(bytes), bytes);
        return store.has(sha256(bytes));
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
