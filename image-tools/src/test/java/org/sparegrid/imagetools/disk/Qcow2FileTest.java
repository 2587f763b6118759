// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.testsupport.Property;

class Qcow2FileTest {
    private static final int MUTANTS = Boolean.getBoolean("sparegrid.full") ? 100_000 : 3_000;

    @TempDir private Path folder;

    private byte[] raw(byte[] qcow2) throws Exception {
        Path file = Files.write(folder.resolve("a.qcow2"), qcow2);
        Path raw = folder.resolve("a.raw");
        try (Qcow2File open = Qcow2File.open(file)) {
            open.writeRaw(raw);
        }
        return Files.readAllBytes(raw);
    }

    @Test
    void unpacksStoredCompressedZeroAndEmptyClusters() throws Exception {
        TinyQcow2 tiny = new TinyQcow2();

        assertThat(raw(tiny.bytes())).isEqualTo(tiny.disk);
    }

    @Test
    void takesZeroFlagsOfVersion2ForWhatTheyAreNot() {
        TinyQcow2 tiny = new TinyQcow2();
        tiny.file.putInt(4, 2);

        assertThatThrownBy(() -> raw(tiny.bytes()))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining("expected a cluster at a cluster");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 4, 7, expected the magic number",
        "4, 4, 9, 'expected version 2 or 3, got 9'",
        "8, 8, 4096, it names a backing file",
        "16, 4, 11, it names a backing file",
        "20, 4, 8, expected clusters of 2^9 to 2^21 bytes",
        "20, 4, 62, expected clusters of 2^9 to 2^21 bytes",
        "24, 8, 0, expected a disk of 512 bytes to 16 GiB",
        "24, 8, 17179869696, expected a disk of 512 bytes to 16 GiB",
        "24, 8, -512, 'got 18446744073709551104 bytes'",
        "24, 8, 513, in whole sectors",
        "24, 8, 17179869184, 'expected 8192 entries in table 1, got 1'",
        "32, 4, 1, expected no encryption",
        "36, 4, 0, 'expected 1 entries in table 1, got 0'",
        "40, 8, 0, expected table 1 at a cluster",
        "40, 8, 4097, expected table 1 at a cluster",
        "40, 8, 4611686018427387904, expected 8 bytes at offset",
        "60, 4, 1, it has internal snapshots",
        "72, 8, 1, marked corrupt",
        "72, 8, 2, marked corrupt",
        "72, 8, 4, its data are in another file",
        "72, 8, 8, another way than zlib",
        "72, 8, 16, 'not known here: 0x10'",
        "72, 8, -9223372036854775808, 'not known here: 0x8000000000000000'",
        "100, 4, 2147483647, expected a header of 104",
        "100, 4, 105, expected a header of 104",
        "4096, 8, 72057594037923840, within the file",
        "8192, 8, 4104, expected a cluster at a cluster",
        "8200, 8, 5188146770730811391, compressed cluster",
    })
    void refusesAndSaysWhy(int offset, int size, long value, String why) {
        TinyQcow2 tiny = new TinyQcow2();
        if (size == 4) {
            tiny.file.putInt(offset, (int) value);
        } else {
            tiny.file.putLong(offset, value);
        }

        assertThatThrownBy(() -> raw(tiny.bytes()))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageStartingWith("qcow2: ")
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @CsvSource({
        "0x44415441, its data are in another file",
        "0xe2792aca, it names a backing file's format",
    })
    void refusesNamesOfOtherFilesInExtensions(String type, String why) {
        TinyQcow2 tiny = new TinyQcow2();
        byte[] name = "/etc/shadow".getBytes(StandardCharsets.US_ASCII);
        // Behind another extension, which is passed over.
        tiny.file.putInt(104, 0x6803f857).putInt(108, 3);
        tiny.file.putInt(120, Long.decode(type).intValue()).putInt(124, name.length);
        tiny.file.put(128, name);

        assertThatThrownBy(() -> raw(tiny.bytes())).hasMessageContaining(why);
    }

    @Test
    void neverFailsOtherwiseNorWritesMoreThanTheDisk() {
        Property.holds(
                MUTANTS,
                random -> {
                    ByteBuffer file = new TinyQcow2().file;
                    for (int i = 0; i <= random.nextInt(4); i++) {
                        // The header and the tables decide; so most changes are made there.
                        int[] starts = {0, 0, 4096, 8192, 4 * 4096};
                        int at = starts[random.nextInt(starts.length)] + random.nextInt(112);
                        file.put(at, (byte) random.nextInt(256));
                    }
                    int length = random.nextInt(8) == 0 ? random.nextInt(24_576) : 24_576;
                    try {
                        byte[] cut = java.util.Arrays.copyOf(file.array(), length);
                        Path given = Files.write(folder.resolve("m.qcow2"), cut);
                        Path raw = folder.resolve("m.raw");
                        try (Qcow2File open = Qcow2File.open(given)) {
                            assertThat(open.sizeBytes())
                                    .isBetween(512L, Qcow2Header.DISK_BYTES_MAX);
                            open.writeRaw(raw);
                            assertThat(Files.size(raw)).isEqualTo(open.sizeBytes());
                        }
                    } catch (DiskFormatException expected) {
                        assertThat(expected).hasMessageStartingWith("qcow2: ");
                    }
                });
    }
}
