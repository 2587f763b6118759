// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/// How a live system's root is packed, and so what its kernel surely reads.
///
/// Source: Documentation/filesystems/squashfs.rst of the Linux kernel, and its superblock.
///
/// @param options of mksquashfs
record Squashfs(List<String> options) {
    static final int HEAD_BYTES = 96;

    private static final int BLOCK_BYTES_OFFSET = 12;
    private static final int COMPRESSION_OFFSET = 20;

    /// A quick level: a published base compresses better, a layer is small beside it.
    private static final Squashfs USUAL =
            new Squashfs(List.of("-comp", "zstd", "-Xcompression-level", "3", "-b", "131072"));

    Squashfs {
        options = List.copyOf(options);
    }

    /// Reads the first bytes of a squashfs.
    static Squashfs of(byte[] head) {
        if (head.length < HEAD_BYTES) {
            return USUAL;
        }
        ByteBuffer superblock = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
        int blockBytes = superblock.getInt(BLOCK_BYTES_OFFSET);
        String block =
                Integer.bitCount(blockBytes) == 1 && blockBytes >= 4096 && blockBytes <= 1 << 20
                        ? Integer.toString(blockBytes)
                        : "131072";
        return switch (superblock.getShort(COMPRESSION_OFFSET)) {
            case 1 -> new Squashfs(List.of("-comp", "gzip", "-b", block));
            case 3 -> new Squashfs(List.of("-comp", "lzo", "-b", block));
            case 4 -> new Squashfs(List.of("-comp", "xz", "-b", block));
            case 5 -> new Squashfs(List.of("-comp", "lz4", "-b", block));
            default ->
                    new Squashfs(List.of("-comp", "zstd", "-Xcompression-level", "3", "-b", block));
        };
    }
}
