// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.protocol.VolumeId;

/// What lies on the disk before, within and after each step.
class VolumeStoreTest {
    private static final VolumeId VOLUME = new VolumeId("vol-abcdefghijkl");
    private static final VolumeId OTHER = new VolumeId("vol-bbbbbbbbbbbb");
    private static final String KEY = Base64.getEncoder().encodeToString(new byte[32]);

    /// Source: docs/luks2-on-disk-format and LUKS1, "LUKS\xba\xbe".
    private static final byte[] LUKS = {'L', 'U', 'K', 'S', (byte) 0xba, (byte) 0xbe};

    @TempDir private Path folder;
    private VolumeStore store;

    @BeforeEach
    void open() {
        store = new VolumeStore(folder, 2);
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
        }
    }

    @Test
    void setsRoomAsideAtOnceAndOnlyOnce() throws IOException {
        store.make(VOLUME, 1);
        store.make(VOLUME, 1);
        assertThat(store.list()).containsExactly(new VolumeStore.Kept(VOLUME, 1L << 30, true));
        Path file = folder.resolve(VOLUME + ".raw");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat((long) Files.getAttribute(file, "size")).isEqualTo(1L << 30);
    }

    @Test
    void keepsNoMoreThanTheOwnerGives() throws IOException {
        store.make(VOLUME, 1);
        assertThatThrownBy(() -> store.make(OTHER, 2))
                .hasMessageContaining("keeps 1 GiB of at most 2 GiB for volumes");
        store.make(OTHER, 1);
        // An owner who gives less from now on takes nothing away.
        assertThat(new VolumeStore(folder, 0).list()).hasSize(2);
        assertThatThrownBy(
                        () -> new VolumeStore(folder, 0).make(new VolumeId("vol-cccccccccccc"), 1))
                .hasMessageContaining("at most 0 GiB");
    }

    @Test
    void refusesWhatTheDiskCannotHold() {
        VolumeStore large = new VolumeStore(folder, 1_000_000);
        assertThatThrownBy(() -> large.make(VOLUME, 900_000))
                .hasMessageContaining("the disk of this computer is too full");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void isEncryptedWithItsBuyersKeyAtItsFirstUseAndNeverAgain() throws IOException {
        store.make(VOLUME, 1);
        Path file = store.open(VOLUME, KEY);
        assertThat(file).isEqualTo(folder.resolve(VOLUME + ".luks"));
        byte[] head = Arrays.copyOf(readHead(file), LUKS.length);
        assertThat(head).isEqualTo(LUKS);
        assertThat(Files.size(file)).isGreaterThan(1L << 30);
        assertThat(store.list().getFirst()).returns(false, VolumeStore.Kept::empty);
        assertThat(store.list().getFirst().gibibytes()).isEqualTo(1);
        byte[] before = readHead(file);
        assertThat(store.open(VOLUME, KEY)).isEqualTo(file);
        assertThat(readHead(file)).as("the same header").isEqualTo(before);
        assertThat(names()).containsExactly(VOLUME + ".luks");
        assertThat(new String(before, StandardCharsets.ISO_8859_1)).doesNotContain(KEY);
    }

    private static byte[] readHead(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return in.readNBytes(1 << 20);
        }
    }

    /// A crash while the header was written: nobody had it yet, so that it is written again.
    @Test
    void isEncryptedAnewAfterACrashInTheMiddleOfThat() throws IOException {
        store.make(VOLUME, 1);
        Path raw = folder.resolve(VOLUME + ".raw");
        Files.write(raw, LUKS);
        assertThat(store.find(VOLUME))
                .hasValueSatisfying(kept -> assertThat(kept.empty()).isTrue());
        Files.delete(raw);
        store.make(VOLUME, 1);
        assertThat(readHead(store.open(VOLUME, KEY))).startsWith(LUKS);
    }

    @Test
    void isNeverThereByHalf() throws IOException {
        Files.write(folder.resolve(VOLUME + ".new"), new byte[100]);
        assertThat(store.list()).as("half made").isEmpty();
        store.recover();
        assertThat(folder).isEmptyDirectory();
        Files.write(folder.resolve(VOLUME + ".new"), new byte[100]);
        store.make(VOLUME, 1);
        assertThat(names()).containsExactly(VOLUME + ".raw");
    }

    /// Nothing but its buyer's, its owner's or the coordinator's word removes what is kept.
    @Test
    void recoveringRemovesNothingThatIsWhole() throws IOException {
        store.make(VOLUME, 1);
        store.open(VOLUME, KEY);
        store.make(OTHER, 1);
        Files.writeString(folder.resolve("notes.txt"), "the owner's");
        store.recover();
        assertThat(names()).containsExactly("notes.txt", VOLUME + ".luks", OTHER + ".raw");
    }

    @Test
    void isGoneOnceItIsDropped() throws IOException {
        store.make(VOLUME, 1);
        store.open(VOLUME, KEY);
        store.drop(VOLUME);
        store.drop(VOLUME);
        assertThat(folder).isEmptyDirectory();
        assertThatThrownBy(() -> store.open(VOLUME, KEY))
                .hasMessage("volume " + VOLUME + " is not on this computer");
    }
}
