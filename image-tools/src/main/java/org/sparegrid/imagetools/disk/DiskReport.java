// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.disk;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.sparegrid.imagetools.iso.BootMode;

/// What a raw disk is, as far as its first sectors tell.
///
/// Source: UEFI specification 2.10, section 5 (GUID partition table, protective and legacy MBR).
///
/// @param sizeBytes of the disk
/// @param table how it is divided
/// @param bootModes how a machine can start from it; may be empty
public record DiskReport(
        long sizeBytes, Table table, List<Partition> partitions, Set<BootMode> bootModes) {
    private static final int SECTOR_BYTES = 512;
    private static final int BOOT_CODE_BYTES = 440;
    private static final int GPT_ENTRIES_MAX = 128;
    private static final int GPT_ENTRY_BYTES = 128;
    private static final int MBR_EFI = 0xef;
    private static final int MBR_PROTECTIVE = 0xee;
    private static final UUID GPT_EFI = UUID.fromString("c12a7328-f81f-11d2-ba4b-00a0c93ec93b");

    public DiskReport {
        partitions = List.copyOf(partitions);
        bootModes = Set.copyOf(bootModes);
    }

    /// How a disk is divided.
    public enum Table {
        /// Not at all.
        NONE,
        /// By a master boot record of the IBM PC.
        MBR,
        /// By a GUID partition table.
        GPT
    }

    /// A part of a disk.
    ///
    /// @param type a byte in hexadecimal digits, or a GUID
    public record Partition(int number, long startBytes, long sizeBytes, String type) {}

    /// Inspects the raw disk `disk`.
    ///
    /// @throws DiskFormatException if it is too large, cut off or damaged
    public static DiskReport inspect(Path disk) throws IOException, DiskFormatException {
        long sizeBytes = Files.size(disk);
        if (sizeBytes < SECTOR_BYTES
                || sizeBytes > Qcow2Header.DISK_BYTES_MAX
                || sizeBytes % SECTOR_BYTES != 0) {
            throw new DiskFormatException(
                    "disk: expected 512 bytes to 16 GiB in whole sectors, got "
                            + sizeBytes
                            + " bytes");
        }
        ByteBuffer head = ByteBuffer.allocate(34 * SECTOR_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        try (InputStream in = Files.newInputStream(disk)) {
            head.put(in.readNBytes(head.capacity())).clear();
        }
        return inspect(head, sizeBytes);
    }

    static DiskReport inspect(ByteBuffer head, long sizeBytes) throws DiskFormatException {
        boolean record = (head.getShort(510) & 0xffff) == 0xaa55;
        EnumSet<BootMode> modes = EnumSet.noneOf(BootMode.class);
        if (record && hasBootCode(head)) {
            modes.add(BootMode.BIOS);
        }
        List<Partition> partitions = record ? mbr(head, sizeBytes) : List.of();
        Table table = partitions.isEmpty() ? Table.NONE : Table.MBR;
        if (partitions.stream().anyMatch(p -> p.type().equals(hex(MBR_PROTECTIVE)))) {
            partitions = gpt(head, sizeBytes);
            table = Table.GPT;
        }
        String efi = table == Table.GPT ? GPT_EFI.toString() : hex(MBR_EFI);
        if (partitions.stream().anyMatch(p -> p.type().equals(efi))) {
            modes.add(BootMode.UEFI);
        }
        return new DiskReport(sizeBytes, table, partitions, modes);
    }

    private static boolean hasBootCode(ByteBuffer head) {
        for (int i = 0; i < BOOT_CODE_BYTES; i++) {
            if (head.get(i) != 0) {
                return true;
            }
        }
        return false;
    }

    private static List<Partition> mbr(ByteBuffer head, long sizeBytes) throws DiskFormatException {
        List<Partition> found = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int at = 446 + 16 * i;
            int type = Byte.toUnsignedInt(head.get(at + 4));
            long start = Integer.toUnsignedLong(head.getInt(at + 8));
            long sectors = Integer.toUnsignedLong(head.getInt(at + 12));
            if (type == 0 || sectors == 0) {
                continue;
            }
            boolean protective = type == MBR_PROTECTIVE;
            if (!protective) {
                within(i + 1, start, sectors, sizeBytes);
            }
            found.add(
                    new Partition(i + 1, start * SECTOR_BYTES, sectors * SECTOR_BYTES, hex(type)));
        }
        return found;
    }

    private static List<Partition> gpt(ByteBuffer head, long sizeBytes) throws DiskFormatException {
        boolean header = head.getLong(SECTOR_BYTES) == 0x5452_4150_2049_4645L;
        if (!header) {
            throw new DiskFormatException("disk: expected a GUID partition table in sector 1");
        }
        long tableSector = head.getLong(SECTOR_BYTES + 72);
        long entries = Integer.toUnsignedLong(head.getInt(SECTOR_BYTES + 80));
        int entryBytes = head.getInt(SECTOR_BYTES + 84);
        if (tableSector != 2 || entryBytes != GPT_ENTRY_BYTES) {
            throw new DiskFormatException(
                    "disk: expected partition entries of 128 bytes from sector 2, got "
                            + Integer.toUnsignedString(entryBytes)
                            + " bytes from sector "
                            + Long.toUnsignedString(tableSector));
        }
        List<Partition> found = new ArrayList<>();
        for (int i = 0; i < Math.min(entries, GPT_ENTRIES_MAX); i++) {
            int at = 2 * SECTOR_BYTES + i * GPT_ENTRY_BYTES;
            UUID type = guid(head, at);
            if (type.getMostSignificantBits() != 0 || type.getLeastSignificantBits() != 0) {
                long start = head.getLong(at + 32);
                long end = head.getLong(at + 40);
                if (start < 0 || end < start || end == Long.MAX_VALUE) {
                    throw new DiskFormatException("disk: partition " + (i + 1) + " has no end");
                }
                long sectors = end - start + 1;
                within(i + 1, start, sectors, sizeBytes);
                found.add(
                        new Partition(
                                i + 1,
                                start * SECTOR_BYTES,
                                sectors * SECTOR_BYTES,
                                type.toString()));
            }
        }
        return found;
    }

    private static void within(int number, long start, long sectors, long sizeBytes)
            throws DiskFormatException {
        long disk = sizeBytes / SECTOR_BYTES;
        if (start > disk || sectors > disk - start) {
            throw new DiskFormatException(
                    "disk: partition "
                            + number
                            + " reaches beyond its end; expected "
                            + disk
                            + " sectors, got "
                            + start
                            + " and "
                            + sectors
                            + " more; is the file whole?");
        }
    }

    /// The first three fields are little-endian.
    private static UUID guid(ByteBuffer head, int at) {
        long first = Integer.toUnsignedLong(head.getInt(at)) << 32;
        long second = (head.getShort(at + 4) & 0xffffL) << 16;
        long third = head.getShort(at + 6) & 0xffffL;
        return new UUID(first | second | third, Long.reverseBytes(head.getLong(at + 8)));
    }

    private static String hex(int type) {
        return "0x%02x".formatted(type);
    }
}
