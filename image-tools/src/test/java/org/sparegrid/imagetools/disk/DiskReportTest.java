// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.imagetools.iso.BootMode;
import org.sparegrid.testsupport.Property;

class DiskReportTest {
    private static final long DISK_BYTES = 4 << 20;

    @TempDir private Path folder;

    private static ByteBuffer head() {
        ByteBuffer head = ByteBuffer.allocate(34 * 512).order(ByteOrder.LITTLE_ENDIAN);
        return head.put(0, (byte) 0xeb).putShort(510, (short) 0xaa55);
    }

    private static void partition(ByteBuffer head, int index, int type, int start, int sectors) {
        int at = 446 + 16 * index;
        head.put(at + 4, (byte) type).putInt(at + 8, start).putInt(at + 12, sectors);
    }

    private static ByteBuffer gpt() {
        ByteBuffer head = head();
        partition(head, 0, 0xee, 1, -1);
        head.put(512, "EFI PART".getBytes(StandardCharsets.US_ASCII));
        head.putLong(512 + 72, 2).putInt(512 + 80, 128).putInt(512 + 84, 128);
        // The type of an EFI system partition, as on disk.
        head.putInt(1024, 0xc12a7328).putShort(1028, (short) 0xf81f).putShort(1030, (short) 0x11d2);
        head.order(ByteOrder.BIG_ENDIAN).putLong(1032, 0xba4b00a0c93ec93bL);
        head.order(ByteOrder.LITTLE_ENDIAN).putLong(1024 + 32, 2048).putLong(1024 + 40, 4095);
        return head;
    }

    @Test
    void readsAMasterBootRecord() throws Exception {
        ByteBuffer head = head();
        partition(head, 0, 0x83, 2048, 4096);

        DiskReport report = DiskReport.inspect(head, DISK_BYTES);

        assertThat(report.table()).isEqualTo(DiskReport.Table.MBR);
        assertThat(report.bootModes()).containsExactly(BootMode.BIOS);
        assertThat(report.partitions())
                .containsExactly(new DiskReport.Partition(1, 1 << 20, 2 << 20, "0x83"));
    }

    @Test
    void readsAGuidPartitionTable() throws Exception {
        DiskReport report = DiskReport.inspect(gpt(), DISK_BYTES);

        assertThat(report.table()).isEqualTo(DiskReport.Table.GPT);
        assertThat(report.bootModes()).containsOnly(BootMode.BIOS, BootMode.UEFI);
        assertThat(report.partitions())
                .containsExactly(
                        new DiskReport.Partition(
                                1, 1 << 20, 1 << 20, "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"));
    }

    @Test
    void aDataDiskStartsNothing() throws Exception {
        DiskReport report =
                DiskReport.inspect(
                        ByteBuffer.allocate(34 * 512).order(ByteOrder.LITTLE_ENDIAN), DISK_BYTES);

        assertThat(report.bootModes()).isEmpty();
        assertThat(report.table()).isEqualTo(DiskReport.Table.NONE);
    }

    @Test
    void refusesPartitionsBeyondTheEnd() {
        ByteBuffer head = head();
        partition(head, 1, 0x83, 2048, 8192);
        assertThatThrownBy(() -> DiskReport.inspect(head, DISK_BYTES))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining("partition 2 reaches beyond its end");

        ByteBuffer endless = gpt().putLong(1024 + 40, Long.MAX_VALUE);
        assertThatThrownBy(() -> DiskReport.inspect(endless, DISK_BYTES))
                .hasMessageContaining("partition 1 has no end");
    }

    @Test
    void neverFailsOtherwise() {
        Property.holds(
                5_000,
                random -> {
                    ByteBuffer head = random.nextBoolean() ? gpt() : head();
                    for (int i = 0; i < 8; i++) {
                        head.put(440 + random.nextInt(760), (byte) random.nextInt(256));
                    }
                    try {
                        assertThat(DiskReport.inspect(head, DISK_BYTES).partitions())
                                .hasSizeLessThanOrEqualTo(128);
                    } catch (DiskFormatException expected) {
                        assertThat(expected).hasMessageStartingWith("disk: ");
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "KDMV",
                "# Disk DescriptorFile",
                "vhdxfile",
                "conectix",
                "<<< Oracle VM VirtualBox Disk Image >>>"
            })
    void namesTheWayFromOtherForms(String magic) throws Exception {
        Path file = Files.writeString(folder.resolve("x"), magic + "\0".repeat(600));

        assertThatThrownBy(() -> FileKind.of(file))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining("qemu-img convert -O qcow2");
    }

    @Test
    void tellsKindsByContent() throws Exception {
        byte[] iso = new byte[40_000];
        System.arraycopy("\1CD001".getBytes(StandardCharsets.US_ASCII), 0, iso, 32_768, 6);
        iso[510] = 0x55;
        iso[511] = (byte) 0xaa;
        byte[] raw = iso.clone();
        raw[32_770] = 0;

        assertThat(FileKind.of(Files.write(folder.resolve("a"), iso))).isEqualTo(FileKind.ISO);
        assertThat(FileKind.of(Files.write(folder.resolve("b"), raw))).isEqualTo(FileKind.RAW_DISK);
        assertThat(FileKind.of(Files.write(folder.resolve("c"), new TinyQcow2().bytes())))
                .isEqualTo(FileKind.QCOW2);
    }
}
