// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.agent.nbd.NbdClient;
import org.sparegrid.imagetools.chunk.ChunkReference;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.manifest.ImageKeys;
import org.sparegrid.protocol.ImageId;

@Timeout(60)
class StreamedImageTest {
    private static final int SIZE_BYTES = 3_000_000;
    private static final int READ_BYTES = 4096;

    @TempDir Path folder;
    @TempDir Path sockets;

    private final ImageKeys keys = ImageKeys.generate();
    private final String key = Base64.getEncoder().encodeToString(keys.creator().toBytes());
    private final Shelf shelf = new Shelf();
    private final byte[] content = new byte[SIZE_BYTES];
    private ImageId image = new ImageId("0".repeat(64));
    private ImageStore store = new ImageStore(Path.of(""), 0, Path.of(""), true);

    @BeforeEach
    void putAnImageOnTheShelf() throws IOException {
        new Random(7).nextBytes(content);
        image = shelf.put(content, keys);
        store = store();
    }

    @AfterEach
    void leave() throws Exception {
        open();
        store.leave();
    }

    private ImageStore store() {
        return new ImageStore(folder, 10L << 20, sockets, true);
    }

    private GuestImage lend(String lease) throws Exception {
        return store.lend(lease, image, key, shelf, Set.of(), (_, _) -> {});
    }

    private GuestImage.Streamed stream(String lease) throws Exception {
        return (GuestImage.Streamed) lend(lease);
    }

    private void open() {
        Semaphore gate = shelf.gate;
        shelf.gate = null;
        if (gate != null) {
            gate.release(1_000_000);
        }
    }

    private byte[] part(int from) {
        return Arrays.copyOfRange(content, from, from + READ_BYTES);
    }

    private static void awaitComplete(StreamedImage stream) throws InterruptedException {
        while (!stream.isComplete()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void servesWhatIsAskedForAndFetchesNoMoreThanThat() throws Exception {
        GuestImage.Streamed lent = stream("a");
        try (NbdClient guest = NbdClient.reading(lent.socket())) {
            assertThat(guest.read(2_000_000, READ_BYTES)).isEqualTo(part(2_000_000));
            assertThat(guest.read(10, READ_BYTES)).isEqualTo(part(10));
        }
        assertThat(shelf.fetched.get()).isBetween(2, 4);
        assertThat(lent.image().status().presentBytes()).isLessThan(SIZE_BYTES / 2);
    }

    @Test
    void fetchesTheRestOnceTheGuestIsUpAndKeepsTheImage() throws Exception {
        GuestImage.Streamed lent = stream("a");
        lent.image().booted();
        awaitComplete(lent.image());
        store.release("a");
        assertThat(lent.socket()).doesNotExist();
        assertThat(lend("b")).isInstanceOf(GuestImage.Whole.class);
        assertThat(shelf.fetched).hasValue(shelf.chunks.size());
    }

    @Test
    void nextTimeItFetchesFirstWhatTheLastBootRead() throws Exception {
        GuestImage.Streamed first = stream("a");
        int[] reads = {2_500_000, 100, 1_200_000};
        try (NbdClient guest = NbdClient.reading(first.socket())) {
            for (int at : reads) {
                guest.read(at, READ_BYTES);
            }
        }
        List<Sha256Digest> boot = List.copyOf(shelf.order);
        shelf.gate = new Semaphore(0);
        first.image().booted();
        open();
        awaitComplete(first.image());
        store.release("a");
        String digest = first.manifest().sha256().toString();
        Files.delete(folder.resolve(digest + ".iso"));
        shelf.order.clear();

        GuestImage.Streamed second = stream("b");
        while (shelf.order.size() < boot.size()) {
            Thread.onSpinWait();
        }
        assertThat(List.copyOf(shelf.order).subList(0, boot.size()))
                .containsExactlyInAnyOrderElementsOf(boot);
        try (NbdClient guest = NbdClient.reading(second.socket())) {
            assertThat(guest.read(2_500_000, READ_BYTES)).isEqualTo(part(2_500_000));
        }
        assertThat(shelf.order).hasSameSizeAs(boot);
    }

    @Test
    void twoLeasesShareOneStream() throws Exception {
        GuestImage.Streamed one = stream("a");
        GuestImage.Streamed two = stream("b");
        assertThat(two.image()).isSameAs(one.image());
        store.release("a");
        try (NbdClient guest = NbdClient.reading(two.socket())) {
            assertThat(guest.read(5, READ_BYTES)).isEqualTo(part(5));
        }
        store.release("b");
        assertThat(two.socket()).doesNotExist();
    }

    @Test
    void neverServesAWrongChunkAndNamesIt() throws Exception {
        GuestImage.Streamed lent = stream("a");
        ChunkReference first = lent.manifest().chunks().getFirst();
        shelf.chunks.get(first.digest())[0] ^= 1;
        try (NbdClient guest = NbdClient.reading(lent.socket())) {
            assertThat(guest.read(0, READ_BYTES)).isEmpty();
        }
        assertThat(lent.image().fault().orElseThrow())
                .contains("chunk at byte 0", first.digest().toString());
    }

    @Test
    void aWrongChunkThatNoGuestNeedsEndsNothing() throws Exception {
        GuestImage.Streamed lent = stream("a");
        ChunkReference last = lent.manifest().chunks().getLast();
        shelf.chunks.get(last.digest())[0] ^= 1;
        lent.image().booted();
        while (lent.image().status().presentBytes() < SIZE_BYTES - last.lengthBytes()) {
            Thread.onSpinWait();
        }
        assertThat(lent.image().fault()).isEmpty();
        try (NbdClient guest = NbdClient.reading(lent.socket())) {
            assertThat(guest.read(0, READ_BYTES)).isEqualTo(part(0));
            assertThat(guest.read(SIZE_BYTES - 10, 10)).isEmpty();
        }
        assertThat(lent.image().fault()).isPresent();
    }

    @Test
    void aStoreThatIsAwayMakesTheGuestWaitAndShowsIt() throws Exception {
        GuestImage.Streamed lent = stream("a");
        shelf.gate = new Semaphore(0);
        try (NbdClient guest = NbdClient.reading(lent.socket())) {
            Thread reader =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    guest.read(0, READ_BYTES);
                                } catch (IOException gone) {
                                    throw new java.io.UncheckedIOException(gone);
                                }
                            });
            while (!lent.image().status().waiting()) {
                Thread.onSpinWait();
            }
            open();
            reader.join();
        }
        assertThat(lent.image().status().waiting()).isFalse();
        assertThat(lent.image().fault()).isEmpty();
    }

    @Test
    void servesOnAfterThisProgramWasStartedAnewThoughTheStoreIsAway() throws Exception {
        GuestImage.Streamed before = stream("a");
        String digest = before.manifest().sha256().toString();
        try (NbdClient guest = NbdClient.reading(before.socket())) {
            guest.read(1_000_000, READ_BYTES);
        }
        store.leave();
        assertThat(before.socket()).exists();
        shelf.manifests.clear();
        shelf.chunks.clear();

        store = store();
        GuestImage after = store.resume("a", digest, image, key, shelf).orElseThrow();
        try (NbdClient guest = NbdClient.reading(((GuestImage.Streamed) after).socket())) {
            assertThat(guest.read(1_000_000, READ_BYTES)).isEqualTo(part(1_000_000));
        }
        assertThat(store.resume("b", "ab".repeat(32), image, key, shelf)).isEmpty();
    }

    /// Many systems clear the folder for the sockets when they start; a parked guest needs its disc
    /// at the same place when it comes back.
    @Test
    void servesOnAfterTheComputerWasStartedAnewAndClearedTheSockets() throws Exception {
        GuestImage.Streamed before = stream("a");
        String digest = before.manifest().sha256().toString();
        before.image().booted();
        awaitComplete(before.image());
        store.leave();
        Files.delete(before.socket());

        store = store();
        store.serveOnly(Set.of(digest));
        GuestImage after = store.resume("a", digest, image, key, shelf).orElseThrow();
        assertThat(((GuestImage.Streamed) after).socket()).isEqualTo(before.socket());
        try (NbdClient guest = NbdClient.reading(before.socket())) {
            assertThat(guest.read(1_000_000, READ_BYTES)).isEqualTo(part(1_000_000));
        }
        assertThat(folder.resolve(digest + ".served")).exists();
        store.release("a");
        assertThat(folder.resolve(digest + ".served")).doesNotExist();
        assertThat(store.resume("b", digest, image, key, shelf)).isEmpty();
    }

    /// This program died, and the lease that it served ended before it could serve it again.
    @Test
    void leavesNoSocketOfAnImageThatNoLeaseNeeds() throws Exception {
        GuestImage.Streamed before = stream("a");
        String digest = before.manifest().sha256().toString();
        Path notOurs = Files.writeString(sockets.resolve("notes"), "of somebody else");
        store.leave();
        store = store();
        store.serveOnly(Set.of(digest, "ab".repeat(32)));
        assertThat(before.socket()).exists();
        store.serveOnly(Set.of("ab".repeat(32)));
        assertThat(before.socket()).doesNotExist();
        assertThat(folder.resolve(digest + ".served")).doesNotExist();
        assertThat(notOurs).exists();

        GuestImage.Streamed again = stream("b");
        store.serveOnly(Set.of());
        try (NbdClient guest = NbdClient.reading(again.socket())) {
            assertThat(guest.read(1_000_000, READ_BYTES)).isEqualTo(part(1_000_000));
        }
    }

    @Test
    void anImageThatWasDamagedOnTheDiskIsMendedWhileItsGuestRuns() throws Exception {
        GuestImage.Streamed lent = stream("a");
        String digest = lent.manifest().sha256().toString();
        lent.image().booted();
        awaitComplete(lent.image());
        store.leave();
        byte[] damaged = content.clone();
        damaged[1_500_000] ^= 1;
        Files.write(folder.resolve(digest + ".iso"), damaged);
        shelf.fetched.set(0);

        store = store();
        GuestImage after = store.resume("a", digest, image, key, shelf).orElseThrow();
        try (NbdClient guest = NbdClient.reading(((GuestImage.Streamed) after).socket())) {
            assertThat(guest.read(1_500_000 - 50, READ_BYTES)).isEqualTo(part(1_500_000 - 50));
        }
        assertThat(shelf.fetched).hasValue(1);
    }
}
