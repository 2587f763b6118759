// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.assembly;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.List;
import org.sparegrid.imagetools.chunk.ChunkReference;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.manifest.Manifest;

/// An image file every byte of which was checked against its manifest: no instance exists without.
public final class VerifiedImage {
    private final Path file;
    private final Manifest manifest;

    private VerifiedImage(Path file, Manifest manifest) {
        this.file = file;
        this.manifest = manifest;
    }

    /// Reads all of `file` and checks it.
    ///
    /// @throws ChunkMismatchException naming the first chunk that differs
    /// @throws IOException also if the length or the whole digest differs
    public static VerifiedImage verify(Path file, Manifest manifest) throws IOException {
        check(file, file, manifest);
        return new VerifiedImage(file, manifest);
    }

    /// Checks `stored`, which will be `file`.
    static void check(Path stored, Path file, Manifest manifest) throws IOException {
        MessageDigest whole = Sha256Digest.algorithm();
        try (FileChannel in = FileChannel.open(stored, StandardOpenOption.READ)) {
            if (in.size() != manifest.sizeBytes()) {
                throw new IOException(
                        file + ": expected " + manifest.sizeBytes() + " bytes, got " + in.size());
            }
            List<ChunkReference> chunks = manifest.chunks();
            ByteBuffer buffer = ByteBuffer.allocate(ChunkReference.LENGTH_BYTES_MAX);
            long offsetBytes = 0;
            for (int i = 0; i < chunks.size(); i++) {
                buffer.clear().limit(chunks.get(i).lengthBytes());
                Chunks.readFully(in, buffer, offsetBytes);
                buffer.flip();
                String where =
                        file
                                + ": chunk "
                                + (i + 1)
                                + " of "
                                + chunks.size()
                                + " at byte "
                                + offsetBytes;
                Chunks.check(where, chunks.get(i), buffer);
                whole.update(buffer.duplicate());
                offsetBytes += chunks.get(i).lengthBytes();
            }
        }
        Sha256Digest got = Sha256Digest.finish(whole);
        if (!got.equals(manifest.sha256())) {
            throw new IOException(
                    file
                            + ": expected sha256 "
                            + manifest.sha256()
                            + " of the whole image, got "
                            + got);
        }
    }

    static VerifiedImage checked(Path file, Manifest manifest) {
        return new VerifiedImage(file, manifest);
    }

    /// The image; nobody but its owner may be able to write to it from now on.
    public Path file() {
        return file;
    }

    /// What the image is.
    public Manifest manifest() {
        return manifest;
    }
}
