// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.assembly;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.sparegrid.imagetools.chunk.ChunkReference;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.iso.ImageParts;
import org.sparegrid.imagetools.manifest.Manifest;

/// Compares an image file with its manifest to the end and names what differs.
///
/// [VerifiedImage] stops at the first difference; this is for the person who asks what is wrong.
public final class ImageCheck {
    /// More do not help to find the reason.
    private static final int DAMAGES_MAX = 16;

    private ImageCheck() {}

    /// A range of bytes that are not those of the manifest.
    ///
    /// @param part which files or tables of the image lie there
    public record Damage(long startBytes, long endBytes, String part) {}

    /// The first 16 damages of `file`; none if it is the image that `manifest` describes.
    public static List<Damage> damages(Path file, Manifest manifest) throws IOException {
        List<Damage> damages = new ArrayList<>();
        try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
            long sizeBytes = in.size();
            if (sizeBytes != manifest.sizeBytes()) {
                long from = Math.min(sizeBytes, manifest.sizeBytes());
                long to = Math.max(sizeBytes, manifest.sizeBytes());
                String length = sizeBytes < to ? "missing at its end" : "more than it should have";
                damages.add(
                        new Damage(
                                from,
                                to,
                                "the file's length: " + (to - from) + " bytes " + length));
            }
            ImageParts parts = ImageParts.of(file);
            ByteBuffer buffer = ByteBuffer.allocate(ChunkReference.LENGTH_BYTES_MAX);
            long startBytes = 0;
            for (ChunkReference chunk : manifest.chunks()) {
                long endBytes = startBytes + chunk.lengthBytes();
                if (endBytes > sizeBytes || damages.size() == DAMAGES_MAX) {
                    break;
                }
                buffer.clear().limit(chunk.lengthBytes());
                Chunks.readFully(in, buffer, startBytes);
                if (!digest(buffer.flip()).equals(chunk.digest())) {
                    damages.add(new Damage(startBytes, endBytes, parts.at(startBytes, endBytes)));
                }
                startBytes = endBytes;
            }
        }
        return damages;
    }

    private static Sha256Digest digest(ByteBuffer bytes) {
        var sha256 = Sha256Digest.algorithm();
        sha256.update(bytes);
        return Sha256Digest.finish(sha256);
    }
}
