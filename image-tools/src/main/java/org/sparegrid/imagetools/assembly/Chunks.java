// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.assembly;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.sparegrid.imagetools.chunk.ChunkReference;
import org.sparegrid.imagetools.chunk.Sha256Digest;

/// Checks and reads single chunks.
final class Chunks {
    private Chunks() {}

    static void check(String where, ChunkReference chunk, ByteBuffer content)
            throws ChunkMismatchException {
        if (content.remaining() != chunk.lengthBytes()) {
            throw new ChunkMismatchException(
                    where
                            + ": expected "
                            + chunk.lengthBytes()
                            + " bytes of chunk "
                            + chunk.digest()
                            + ", got "
                            + content.remaining());
        }
        Sha256Digest got = Sha256Digest.ofContent(content);
        if (!got.equals(chunk.digest())) {
            throw new ChunkMismatchException(
                    where + ": expected sha256 " + chunk.digest() + ", got " + got);
        }
    }

    /// Fills `buffer` from the file's bytes at `offset`; false if the file ends before.
    static boolean readFully(FileChannel file, ByteBuffer buffer, long offset) throws IOException {
        long at = offset;
        while (buffer.hasRemaining()) {
            int read = file.read(buffer, at);
            if (read < 0) {
                return false;
            }
            at += read;
        }
        return true;
    }

    static void writeFully(FileChannel file, ByteBuffer buffer, long offset) throws IOException {
        long at = offset;
        while (buffer.hasRemaining()) {
            at += file.write(buffer, at);
        }
    }
}
