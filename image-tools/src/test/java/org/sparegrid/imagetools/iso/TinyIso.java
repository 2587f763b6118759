// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.iso;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Writes small images with Rock Ridge names and El Torito boot records, sector by sector.
///
/// Sectors: 16 primary descriptor, 17 boot record, 18 end, 19 boot catalogue, 20 boot image, 21 the
/// root, 22 the folder `live`, 23 a continuation area, 24 and on the files of `live`.
public final class TinyIso {
    static final int PRIMARY = 16 * 2048;
    static final int CATALOG = 19 * 2048;
    static final int ROOT = 21 * 2048;
    static final int LIVE = 22 * 2048;

    private final ByteBuffer iso;
    private final String folder;
    private int nextSector = 24;
    private final List<byte[]> liveRecords = new ArrayList<>();

    public TinyIso(int sectors) {
        this(sectors, "live");
    }

    /// An image whose one folder is called `folder`.
    TinyIso(int sectors, String folder) {
        this.folder = folder;
        iso = ByteBuffer.allocate(sectors * 2048).order(ByteOrder.LITTLE_ENDIAN);
        descriptor(16, 1);
        text(PRIMARY + 40, String.format("%-32s", "TINY"));
        both(PRIMARY + 80, sectors);
        iso.putShort(PRIMARY + 128, (short) 2048).putShort(PRIMARY + 130, (short) 8);
        iso.put(PRIMARY + 156, record("\0", 21, 2048, true, new byte[0]));
        descriptor(17, 0);
        text(17 * 2048 + 7, "EL TORITO SPECIFICATION");
        iso.putInt(17 * 2048 + 71, 19);
        descriptor(18, 255);
        catalog();
    }

    /// An image that has a kernel, an initrd and a root file system, and boots both ways.
    public static TinyIso live() {
        TinyIso iso = new TinyIso(64);
        iso.file("vmlinuz", kernel("6.1.0-test"));
        iso.file("initrd.img", new byte[3000]);
        iso.file("filesystem.squashfs", squashfs(5000));
        return iso;
    }

    static byte[] squashfs(int length) {
        byte[] root = new byte[length];
        System.arraycopy("hsqs".getBytes(StandardCharsets.US_ASCII), 0, root, 0, 4);
        return root;
    }

    static byte[] kernel(String version) {
        ByteBuffer kernel = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        kernel.put(0x202, "HdrS".getBytes(StandardCharsets.US_ASCII));
        kernel.putShort(0x20e, (short) 0x400);
        kernel.put(0x600, (version + " (builder)").getBytes(StandardCharsets.US_ASCII));
        return kernel.array();
    }

    private void catalog() {
        iso.put(CATALOG, (byte) 1);
        iso.put(CATALOG + 30, (byte) 0x55).put(CATALOG + 31, (byte) 0xaa);
        iso.putShort(CATALOG + 28, (short) -(1 + 0xaa55));
        bootEntry(CATALOG + 32);
        iso.put(CATALOG + 64, (byte) 0x91)
                .put(CATALOG + 65, (byte) 0xef)
                .put(CATALOG + 66, (byte) 1);
        bootEntry(CATALOG + 96);
    }

    private void bootEntry(int offset) {
        iso.put(offset, (byte) 0x88);
        iso.putShort(offset + 6, (short) 4);
        iso.putInt(offset + 8, 20);
    }

    private void descriptor(int sector, int type) {
        iso.put(sector * 2048, (byte) type);
        text(sector * 2048 + 1, "CD001");
        iso.put(sector * 2048 + 6, (byte) 1);
    }

    /// Adds a file below `live`.
    public TinyIso file(String name, byte[] content) {
        iso.put(nextSector * 2048, content);
        liveRecords.add(
                record(
                        "X" + liveRecords.size() + ".;1",
                        nextSector,
                        content.length,
                        false,
                        name(name)));
        nextSector += (content.length + 2047) / 2048;
        return this;
    }

    /// Adds any record to `live`.
    TinyIso raw(byte[] record) {
        liveRecords.add(record);
        return this;
    }

    static byte[] name(String name) {
        return name(name.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] name(byte[] name) {
        byte[] entry = new byte[5 + name.length];
        entry[0] = 'N';
        entry[1] = 'M';
        entry[2] = (byte) entry.length;
        entry[3] = 1;
        System.arraycopy(name, 0, entry, 5, name.length);
        return entry;
    }

    /// A `CE` entry: the system use area goes on there.
    static byte[] continuation(int sector, int offset, int length) {
        ByteBuffer entry = ByteBuffer.allocate(28).order(ByteOrder.LITTLE_ENDIAN);
        entry.put(new byte[] {'C', 'E', 28, 1});
        entry.putInt(4, sector).putInt(12, offset).putInt(20, length);
        return entry.array();
    }

    static byte[] record(String name, int sector, int size, boolean folder, byte[] use) {
        byte[] plain = name.getBytes(StandardCharsets.ISO_8859_1);
        int useOffset = 33 + plain.length + (plain.length % 2 == 0 ? 1 : 0);
        int length = useOffset + use.length;
        length += length % 2;
        ByteBuffer record = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        record.put(0, (byte) length).putInt(2, sector).putInt(10, size);
        record.put(25, (byte) (folder ? 2 : 0)).put(32, (byte) plain.length).put(33, plain);
        record.put(useOffset, use);
        return record.array();
    }

    private void both(int offset, int value) {
        iso.putInt(offset, value);
        iso.putInt(offset + 4, Integer.reverseBytes(value));
    }

    private void text(int offset, String text) {
        iso.put(offset, text.getBytes(StandardCharsets.US_ASCII));
    }

    /// Puts bytes anywhere.
    TinyIso put(int offset, byte[] bytes) {
        iso.put(offset, bytes);
        return this;
    }

    public byte[] toBytes() {
        byte[] sharing = {'S', 'P', 7, 1, (byte) 0xbe, (byte) 0xef, 0};
        folder(
                ROOT,
                List.of(
                        record("\0", 21, 2048, true, sharing),
                        record("\1", 21, 2048, true, new byte[0]),
                        record("LIVE", 22, 2048, true, name(folder))));
        List<byte[]> live = new ArrayList<>();
        live.add(record("\0", 22, 2048, true, new byte[0]));
        live.add(record("\1", 21, 2048, true, new byte[0]));
        live.addAll(liveRecords);
        folder(LIVE, live);
        return iso.array().clone();
    }

    private void folder(int offset, List<byte[]> records) {
        int at = offset;
        for (byte[] record : records) {
            iso.put(at, record);
            at += record.length;
        }
    }
}
