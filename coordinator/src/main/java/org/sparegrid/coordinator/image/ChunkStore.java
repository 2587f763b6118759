// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.image;

import java.io.IOException;
import java.nio.file.Path;
import org.sparegrid.protocol.ImageId;

/// The bytes of images: chunks and manifests, each named by its SHA-256. Safe for use by many
/// threads; what was put survives a power cut.
public final class ChunkStore {
    /// The longest chunk.
    public static final int CHUNK_MAX_BYTES = 1 << 20;

    /// The longest manifest, enough for an image of 200 GiB.
    public static final int MANIFEST_MAX_BYTES = 16 << 20;

    private final DigestFolder chunks;
    private final DigestFolder manifests;

    private ChunkStore(Path folder) throws IOException {
        this.chunks = DigestFolder.open(folder.resolve("chunks"), "chunk", CHUNK_MAX_BYTES, true);
        this.manifests =
                DigestFolder.open(
                        folder.resolve("manifests"), "manifest", MANIFEST_MAX_BYTES, false);
    }

    /// Opens the store in a folder, which is made if there is none, and clears away what
    /// interrupted puts left. One process at a time uses it.
    public static ChunkStore open(Path folder) throws IOException {
        return new ChunkStore(folder);
    }

    /// Whether the chunk is here.
    ///
    /// @param sha256 64 hexadecimal digits in lower case, here and below; anything else is an
    ///   `IllegalArgumentException`
    public boolean has(String sha256) {
        return chunks.has(sha256);
    }

    /// Keeps a chunk; one that is here already stays as it is.
    ///
    /// @throws ChunkMismatchException if the bytes have another digest or are more than 1 MiB
    public void put(String sha256, byte[] bytes) throws IOException, ChunkMismatchException {
        chunks.put(sha256, bytes);
    }

    /// A chunk.
    ///
    /// @throws java.nio.file.NoSuchFileException if it isn't here
    public KeptBytes get(String sha256) throws IOException {
        return chunks.get(sha256);
    }

    /// How many bytes can still be kept.
    public long freeBytes() throws IOException {
        return chunks.freeBytes();
    }

    /// Forgets a chunk; there need not be one.
    public void delete(String sha256) throws IOException {
        chunks.delete(sha256);
    }

    public boolean hasManifest(ImageId image) {
        return manifests.has(image.value());
    }

    /// Keeps the manifest of an image.
    ///
    /// @throws ChunkMismatchException if the image isn't named by these bytes' digest, or they are
    ///   more than 16 MiB
    public void putManifest(ImageId image, byte[] bytes)
            throws IOException, ChunkMismatchException {
        manifests.put(image.value(), bytes);
    }

    /// The bytes of an image's manifest.
    ///
    /// @throws java.nio.file.NoSuchFileException if it isn't here
    public byte[] getManifest(ImageId image) throws IOException {
        return manifests.get(image.value()).bytes();
    }

    /// Forgets an image's manifest; there need not be one.
    public void deleteManifest(ImageId image) throws IOException {
        manifests.delete(image.value());
    }
}
