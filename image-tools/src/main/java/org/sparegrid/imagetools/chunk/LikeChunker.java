// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.chunk;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Cuts a file that is mostly another one, whose index is known: where the bytes are the same, so
/// are the chunks, and comparing costs far less than hashing.
final class LikeChunker {
    private final FileIndex known;
    private final MessageDigest whole = Sha256Digest.algorithm();
    private final List<ChunkReference> chunks = new ArrayList<>();
    private final byte[] bytes = new byte[ChunkReference.LENGTH_BYTES_MAX];
    private final byte[] other = new byte[ChunkReference.LENGTH_BYTES_MAX];
    private int nextKnown;
    private long nextKnownBytes;

    private LikeChunker(FileIndex known) {
        this.known = known;
    }

    static FileIndex index(Path file, Path like, FileIndex known) throws IOException {
        try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ);
                FileChannel likeIn = FileChannel.open(like, StandardOpenOption.READ)) {
            return new LikeChunker(known).cut(in, likeIn);
        }
    }

    private FileIndex cut(FileChannel in, FileChannel likeIn) throws IOException {
        long sizeBytes = in.size();
        long atBytes = 0;
        while (atBytes < sizeBytes) {
            int available = (int) Math.min(bytes.length, sizeBytes - atBytes);
            ChunkReference same = knownAt(atBytes, available);
            if (same != null) {
                available = same.lengthBytes();
            }
            read(in, atBytes, bytes, available);
            if (same != null) {
                read(likeIn, atBytes, other, available);
            }
            if (same == null || !Arrays.equals(bytes, 0, available, other, 0, available)) {
                same = fresh(in, atBytes, sizeBytes);
            }
            whole.update(bytes, 0, same.lengthBytes());
            chunks.add(same);
            atBytes += same.lengthBytes();
        }
        return new FileIndex(sizeBytes, Sha256Digest.finish(whole), chunks);
    }

    /// The known chunk that begins at `atBytes`. Not the last one, which ends where the other file
    /// does and not because of its bytes.
    private @Nullable ChunkReference knownAt(long atBytes, int available) {
        int last = known.chunks().size() - 1;
        while (nextKnown < last && nextKnownBytes < atBytes) {
            nextKnownBytes += known.chunks().get(nextKnown++).lengthBytes();
        }
        if (nextKnown >= last || nextKnownBytes != atBytes) {
            return null;
        }
        ChunkReference chunk = known.chunks().get(nextKnown);
        return chunk.lengthBytes() <= available ? chunk : null;
    }

    private ChunkReference fresh(FileChannel in, long atBytes, long sizeBytes) throws IOException {
        int available = (int) Math.min(bytes.length, sizeBytes - atBytes);
        read(in, atBytes, bytes, available);
        int length = Chunker.cut(bytes, 0, available);
        MessageDigest single = Sha256Digest.algorithm();
        single.update(bytes, 0, length);
        return new ChunkReference(Sha256Digest.finish(single), length);
    }

    private static void read(FileChannel in, long atBytes, byte[] target, int lengthBytes)
            throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(target, 0, lengthBytes);
        while (buffer.hasRemaining()) {
            if (in.read(buffer, atBytes + buffer.position()) < 0) {
                throw new EOFException("a file became shorter while it was cut into chunks");
            }
        }
    }
}
