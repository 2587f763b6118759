// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.testsupport.Property;

class CheckpointStoreTest {
    private static final LeaseId LEASE = new LeaseId("vm-aaaaaaaaaaaa");
    private static final LeaseId OTHER = new LeaseId("vm-bbbbbbbbbbbb");
    private static final String KEY = Base64.getEncoder().encodeToString(new byte[32]);
    private static final long MOST = 16 << 20;

    @TempDir private Path folder = Path.of("/nonexistent");

    private CheckpointStore store() {
        return new CheckpointStore(folder, () -> 0);
    }

    private void save(byte[] content) throws IOException {
        assertThat(store().save(LEASE, KEY, MOST, out -> out.write(content))).isTrue();
    }

    private byte[] read() throws IOException {
        return store().read(LEASE, KEY, InputStream::readAllBytes);
    }

    private Path file() {
        return folder.resolve(LEASE.value() + ".ckpt");
    }

    @Test
    void readsWhatItSaved() {
        int[] edges = {0, 1, Seal.CHUNK_BYTES - 1, Seal.CHUNK_BYTES, Seal.CHUNK_BYTES + 1};
        Property.holds(
                20,
                random -> {
                    int length =
                            edges[random.nextInt(edges.length)]
                                    + (random.nextBoolean() ? Seal.CHUNK_BYTES : 0);
                    byte[] content = new byte[length];
                    random.nextBytes(content);
                    save(content);
                    assertThat(Arrays.equals(read(), content)).isTrue();
                });
    }

    @Test
    void noticesEveryChange() throws Exception {
        save("the guest's memory".repeat(100_000).getBytes(StandardCharsets.UTF_8));
        byte[] sealed = Files.readAllBytes(file());
        Property.holds(
                100,
                random -> {
                    byte[] changed = sealed.clone();
                    changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
                    Files.write(file(), changed);
                    assertThatThrownBy(this::read).hasMessageStartingWith("checkpoint: ");
                });
    }

    @Test
    void noticesThatItIsCutOff() throws Exception {
        save(new byte[3 * Seal.CHUNK_BYTES]);
        byte[] sealed = Files.readAllBytes(file());
        int head = Seal.MAGIC.length + Seal.PREFIX_BYTES;
        int chunk = Seal.CHUNK_BYTES + Seal.TAG_BYTES;
        for (int length : new int[] {0, 7, head - 1, head, head + chunk, head + 2 * chunk}) {
            Files.write(file(), Arrays.copyOf(sealed, length));
            assertThatThrownBy(this::read).hasMessageStartingWith("checkpoint: ");
        }
    }

    @Test
    void belongsToOneLeaseAndOneKey() throws Exception {
        save(new byte[10]);
        Files.copy(file(), folder.resolve(OTHER.value() + ".ckpt"));
        assertThatThrownBy(() -> store().read(OTHER, KEY, InputStream::readAllBytes))
                .hasMessageContaining("the key is another");
        byte[] key = new byte[32];
        key[31] = 1;
        String another = Base64.getEncoder().encodeToString(key);
        assertThatThrownBy(() -> store().read(LEASE, another, InputStream::readAllBytes))
                .hasMessageContaining("the key is another");
    }

    @Test
    void holdsNothingInTheOpen() throws Exception {
        save("a secret of the guest".getBytes(StandardCharsets.UTF_8));
        assertThat(Files.readString(file(), StandardCharsets.ISO_8859_1)).doesNotContain("secret");
    }

    @Test
    void keepsTheLastGoodOneWhenTheNextFails() throws Exception {
        save(new byte[] {1});
        assertThatThrownBy(() ->
                        store().save(
                                        LEASE,
                                        KEY,
                                        MOST,
                                        out -> {
                                            out.write(new byte[2 * Seal.CHUNK_BYTES]);
                                            throw new IOException("QEMU died");
                                        }))
                .hasMessage("QEMU died");
        assertThatThrownBy(() -> store().save(LEASE, KEY, 9, out -> out.write(new byte[10])))
                .hasMessageContaining("larger than the 0 MiB");
        assertThat(read()).containsExactly(1);
        assertThat(folder).isDirectoryContaining(path -> path.equals(file()));
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file());
        }
    }

    /// What a power cut leaves of a write that was under way.
    @Test
    void removesWhatIsHalfWrittenOrUnknown() throws Exception {
        save(new byte[] {1});
        Files.write(folder.resolve(LEASE.value() + ".ckpt.new"), new byte[5]);
        Files.write(folder.resolve(OTHER.value() + ".ckpt"), new byte[5]);
        store().keepOnly(Set.of(LEASE.value()));
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file());
        }
        assertThat(read()).containsExactly(1);
        store().remove(LEASE);
        assertThat(store().has(LEASE)).isFalse();
    }

    @Test
    void savesOneGuestAtATime() throws Exception {
        CheckpointStore store = store();
        assertThat(
                        store.save(
                                LEASE,
                                KEY,
                                MOST,
                                out -> {
                                    boolean[] second = {true};
                                    Thread other =
                                            Thread.startVirtualThread(
                                                    () -> second[0] = saveOther(store));
                                    join(other);
                                    assertThat(second[0]).isFalse();
                                    out.write(1);
                                }))
                .isTrue();
        assertThat(saveOther(store)).isTrue();
    }

    private static boolean saveOther(CheckpointStore store) {
        try {
            return store.save(OTHER, KEY, MOST, out -> out.write(2));
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private static void join(Thread thread) throws IOException {
        try {
            thread.join();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", stopped);
        }
    }
}
