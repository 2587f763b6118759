// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.disk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// What the header of a qcow2 file says, of those files that stand alone.
///
/// Refused is whatever names another file (a backing file, an external data file), as such a name
/// could be any file of whoever opens the image, and what cannot be read without doubt.
///
/// Source: docs/interop/qcow2.txt of QEMU.
///
/// @param version 2 or 3
/// @param clusterBits the logarithm of a cluster's bytes, 9 to 21
/// @param sizeBytes of the disk, at most [#DISK_BYTES_MAX]
/// @param l1Entries how many entries of the first table the disk needs
/// @param l1Offset where that table is in the file
record Qcow2Header(int version, int clusterBits, long sizeBytes, int l1Entries, long l1Offset) {
    static final int MAGIC = 0x514649fb;

    /// As much as is read of a file: the longest header that is known and its extensions.
    static final int HEAD_BYTES_MAX = 4096;

    /// The largest image that a manifest can describe: 16 GiB.
    static final long DISK_BYTES_MAX = 16L << 30;

    private static final int V2_BYTES = 72;
    private static final int V3_BYTES_MIN = 104;
    private static final int SECTOR_BYTES = 512;
    private static final long DIRTY = 1;
    private static final long CORRUPT = 1 << 1;
    private static final long EXTERNAL_DATA = 1 << 2;
    private static final long COMPRESSION_TYPE = 1 << 3;
    private static final int EXTENSION_BACKING_FORMAT = 0xe2792aca;
    private static final int EXTENSION_DATA_FILE = 0x44415441;

    /// Reads the begin of a file.
    ///
    /// @param head the first [#HEAD_BYTES_MAX] bytes of the file, or all of a shorter one
    static Qcow2Header parse(byte[] head) throws DiskFormatException {
        ByteBuffer in = ByteBuffer.wrap(head).order(ByteOrder.BIG_ENDIAN);
        require(head.length >= V2_BYTES, "expected a header of 72 bytes, got " + head.length);
        require(in.getInt(0) == MAGIC, "expected the magic number of qcow2");
        int version = in.getInt(4);
        require(version == 2 || version == 3, "expected version 2 or 3, got " + version);
        refuse(
                in.getLong(8) != 0 || in.getInt(16) != 0,
                "it names a backing file, and an image must stand alone");
        require(in.getInt(32) == 0, "expected no encryption, got method " + in.getInt(32));
        refuse(in.getInt(60) != 0, "it has internal snapshots");
        int clusterBits = in.getInt(20);
        require(
                clusterBits >= 9 && clusterBits <= 21,
                "expected clusters of 2^9 to 2^21 bytes, got 2^"
                        + Integer.toUnsignedString(clusterBits));
        if (version == 3) {
            // Header and extensions lie in the first cluster.
            features(in.limit(Math.min(head.length, 1 << clusterBits)));
        }
        in.clear();
        long sizeBytes = in.getLong(24);
        require(
                sizeBytes > 0 && sizeBytes <= DISK_BYTES_MAX && sizeBytes % SECTOR_BYTES == 0,
                "expected a disk of 512 bytes to 16 GiB in whole sectors, got "
                        + Long.toUnsignedString(sizeBytes)
                        + " bytes");
        long perEntry = 1L << (2 * clusterBits - 3);
        int needed = (int) ((sizeBytes + perEntry - 1) / perEntry);
        long given = Integer.toUnsignedLong(in.getInt(36));
        require(given >= needed, "expected " + needed + " entries in table 1, got " + given);
        long l1Offset = in.getLong(40);
        require(
                l1Offset > 0 && l1Offset % (1L << clusterBits) == 0,
                "expected table 1 at a cluster, got offset " + Long.toUnsignedString(l1Offset));
        return new Qcow2Header(version, clusterBits, sizeBytes, needed, l1Offset);
    }

    private static void features(ByteBuffer in) throws DiskFormatException {
        int length = in.limit();
        require(length >= V3_BYTES_MIN, "expected a header of 104 bytes, got " + length);
        long incompatible = in.getLong(72);
        refuse((incompatible & EXTERNAL_DATA) != 0, "its data are in another file");
        require(
                (incompatible & (DIRTY | CORRUPT)) == 0,
                "it was not closed properly or is marked corrupt; run qemu-img check -r all on it");
        int headerBytes = in.getInt(100);
        require(
                headerBytes >= V3_BYTES_MIN && headerBytes <= length && headerBytes % 8 == 0,
                "expected a header of 104 to "
                        + length
                        + " bytes, got "
                        + Integer.toUnsignedString(headerBytes));
        boolean otherCompression = headerBytes > V3_BYTES_MIN && in.get(104) != 0;
        refuse(
                (incompatible & COMPRESSION_TYPE) != 0 || otherCompression,
                "its clusters are compressed by another way than zlib");
        refuse(
                incompatible != 0,
                "it has features that are not known here: 0x" + Long.toHexString(incompatible));
        extensions(in, headerBytes);
    }

    /// A name of another file may stand in an extension without any feature's bit.
    private static void extensions(ByteBuffer in, int start) throws DiskFormatException {
        int at = start;
        while (at + 8 <= in.limit()) {
            int type = in.getInt(at);
            int lengthBytes = in.getInt(at + 4);
            if (type == 0) {
                return;
            }
            refuse(type == EXTENSION_DATA_FILE, "its data are in another file");
            refuse(
                    type == EXTENSION_BACKING_FORMAT,
                    "it names a backing file's format, and an image must stand alone");
            require(
                    lengthBytes >= 0 && lengthBytes <= in.limit() - at - 8,
                    "expected an extension within the first 4096 bytes, got a length of "
                            + Integer.toUnsignedString(lengthBytes)
                            + " at offset "
                            + at);
            at += 8 + (lengthBytes + 7) / 8 * 8;
        }
    }

    private static void require(boolean holds, String fault) throws DiskFormatException {
        if (!holds) {
            throw new DiskFormatException("qcow2: " + fault);
        }
    }

    private static void refuse(boolean found, String fault) throws DiskFormatException {
        require(!found, fault + "; qemu-img convert -O qcow2 makes one that is taken");
    }
}
