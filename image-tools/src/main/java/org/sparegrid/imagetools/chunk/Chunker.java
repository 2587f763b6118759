// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.chunk;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/// Cuts a file into chunks whose borders depend on the content, so that an insertion or a removal
/// changes the chunks around it only.
///
/// The cut is FastCDC with normalised chunking: an average of 64 KiB, at least 16 KiB, at most 256
/// KiB. Which borders it finds is part of no protocol: any cut into chunks of 256 KiB at most is a
/// valid image. But two programs share chunks only if they cut alike, so the table and the masks
/// are fixed; docs/protocol/image-manifest.md, section 4 gives them.
///
/// Source: Xia et al., The Design of Fast Content-Defined Chunking for Data Deduplication Based
/// Storage Systems, IEEE TPDS 31(9), 2020, algorithm 2.
public final class Chunker {
    /// No chunk but the last of a file is shorter.
    public static final int LENGTH_BYTES_MIN = 16 * 1024;

    /// The length that chunks are steered to.
    public static final int LENGTH_BYTES_NORMAL = 64 * 1024;

    private static final int LENGTH_BYTES_MAX = ChunkReference.LENGTH_BYTES_MAX;
    private static final int BUFFER_BYTES = 4 * LENGTH_BYTES_MAX;

    /// The upper bits of the hash depend on the most bytes: 18 of them before the normal length and
    /// 14 after it, two more and two fewer than the 16 that a chance of 1 in 65536 needs.
    private static final long MASK_BEFORE_NORMAL = -1L << (64 - 18);

    private static final long MASK_AFTER_NORMAL = -1L << (64 - 14);

    private static final long[] GEAR = gear();

    private Chunker() {}

    /// Receives chunks in the order of the file.
    @FunctionalInterface
    public interface Sink {
        /// Takes the next chunk; `content` is valid during the call only.
        void accept(ChunkReference chunk, ByteBuffer content) throws IOException;
    }

    /// Cuts `file` and forgets the content.
    public static FileIndex index(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return split(in, (_, _) -> {});
        }
    }

    /// Cuts `file` as [#index(Path)] does, faster where it has the same bytes at the same place as
    /// `like`, whose index is `known`.
    public static FileIndex index(Path file, Path like, FileIndex known) throws IOException {
        return LikeChunker.index(file, like, known);
    }

    /// The digest of the whole of `file`.
    public static Sha256Digest digest(Path file) throws IOException {
        MessageDigest whole = Sha256Digest.algorithm();
        byte[] buffer = new byte[LENGTH_BYTES_MAX];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                whole.update(buffer, 0, read);
            }
        }
        return Sha256Digest.finish(whole);
    }

    /// Cuts everything that `in` gives, in memory of one MiB, and hands on each chunk.
    public static FileIndex split(InputStream in, Sink sink) throws IOException {
        MessageDigest whole = Sha256Digest.algorithm();
        MessageDigest single = Sha256Digest.algorithm();
        List<ChunkReference> chunks = new ArrayList<>();
        byte[] buffer = new byte[BUFFER_BYTES];
        long sizeBytes = 0;
        int start = 0;
        int end = 0;
        boolean more = true;
        while (true) {
            if (more && end - start < LENGTH_BYTES_MAX) {
                System.arraycopy(buffer, start, buffer, 0, end - start);
                end -= start;
                start = 0;
                int read = in.readNBytes(buffer, end, buffer.length - end);
                end += read;
                more = end == buffer.length;
            }
            if (start == end) {
                return new FileIndex(sizeBytes, Sha256Digest.finish(whole), chunks);
            }
            int length = cut(buffer, start, end);
            whole.update(buffer, start, length);
            single.update(buffer, start, length);
            ChunkReference chunk = new ChunkReference(Sha256Digest.finish(single), length);
            chunks.add(chunk);
            sink.accept(chunk, ByteBuffer.wrap(buffer, start, length).slice().asReadOnlyBuffer());
            sizeBytes += length;
            start += length;
        }
    }

    /// Length of the chunk that begins at `start` of bytes that end at `end`.
    static int cut(byte[] bytes, int start, int end) {
        int available = Math.min(end - start, LENGTH_BYTES_MAX);
        if (available <= LENGTH_BYTES_MIN) {
            return available;
        }
        int normal = start + Math.min(available, LENGTH_BYTES_NORMAL);
        int last = start + available;
        long hash = 0;
        int i = start + LENGTH_BYTES_MIN;
        for (; i < normal; i++) {
            hash = (hash << 1) + GEAR[bytes[i] & 0xff];
            if ((hash & MASK_BEFORE_NORMAL) == 0) {
                return i + 1 - start;
            }
        }
        for (; i < last; i++) {
            hash = (hash << 1) + GEAR[bytes[i] & 0xff];
            if ((hash & MASK_AFTER_NORMAL) == 0) {
                return i + 1 - start;
            }
        }
        return available;
    }

    /// Entry i is the first 8 bytes, big-endian, of SHA-256("sparegrid gear i"), i in decimal.
    private static long[] gear() {
        long[] table = new long[256];
        for (int i = 0; i < table.length; i++) {
            byte[] name = ("sparegrid gear " + i).getBytes(StandardCharsets.US_ASCII);
            table[i] = ByteBuffer.wrap(Sha256Digest.ofContent(name).toBytes()).getLong();
        }
        return table;
    }
}
