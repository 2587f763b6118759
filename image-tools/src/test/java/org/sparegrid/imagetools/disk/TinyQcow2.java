// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.disk;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.Deflater;

/// A qcow2 file of 4 KiB clusters and a disk of five: one stored, one compressed, one of zeros that
/// hides old content, one that was never written, and half of a stored one.
final class TinyQcow2 {
    static final int CLUSTER = 4096;
    static final int DISK_BYTES = 4 * CLUSTER + 2048;

    final byte[] disk = new byte[DISK_BYTES];
    final ByteBuffer file = ByteBuffer.allocate(6 * CLUSTER);

    TinyQcow2() {
        Arrays.fill(disk, 0, CLUSTER, (byte) 'a');
        for (int i = CLUSTER; i < 2 * CLUSTER; i++) {
            disk[i] = (byte) (i / 100);
        }
        Arrays.fill(disk, 4 * CLUSTER, DISK_BYTES, (byte) 'e');
        file.putInt(0, Qcow2Header.MAGIC).putInt(4, 3).putInt(20, 12).putLong(24, DISK_BYTES);
        file.putInt(36, 1).putLong(40, CLUSTER).putInt(96, 4).putInt(100, 104);
        file.putLong(CLUSTER, 2L * CLUSTER | 1L << 63);
        int l2 = 2 * CLUSTER;
        file.putLong(l2, 3L * CLUSTER | 1L << 63);
        file.putLong(l2 + 8, compressed(4 * CLUSTER + 100));
        file.putLong(l2 + 16, 3L * CLUSTER | 1);
        file.putLong(l2 + 32, 5L * CLUSTER | 1L << 63);
        file.put(3 * CLUSTER, disk, 0, CLUSTER);
        file.put(5 * CLUSTER, disk, 4 * CLUSTER, 2048);
    }

    /// Puts the second cluster there and gives its entry.
    private long compressed(int at) {
        Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        deflater.setInput(disk, CLUSTER, CLUSTER);
        deflater.finish();
        byte[] packed = new byte[CLUSTER];
        int length = deflater.deflate(packed);
        deflater.end();
        file.put(at, packed, 0, length);
        long sectors = (at + length - 1) / 512 - at / 512;
        return 1L << 62 | sectors << 58 | at;
    }

    byte[] bytes() {
        return file.array();
    }
}
