// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.manifest;

import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.sparegrid.imagetools.chunk.ChunkReference;
import org.sparegrid.imagetools.chunk.FileIndex;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.iso.BootMode;

/// Says exactly what an image is: every byte of it, how it starts, what it needs, who made it.
///
/// Its one written form is a text; two equal manifests have the same bytes.
///
/// Source: docs/protocol/image-manifest.md, section 2.
///
/// @param name what the creator calls the image
/// @param index the whole file, cut into chunks
/// @param medium what the image is to a machine
/// @param bootModes how the image can start; not empty
/// @param memoryMib the least memory, in MiB, that the machine needs
/// @param creator who signs
public record Manifest(
        String name,
        FileIndex index,
        Medium medium,
        Set<BootMode> bootModes,
        int memoryMib,
        Origin origin,
        CreatorKey creator) {
    /// The largest image: what a seller keeps on disk for one lease, and a manifest of 13 MiB.
    public static final long IMAGE_BYTES_MAX = 16L << 30;

    /// The longest manifest with its signature, in bytes.
    public static final int BYTES_MAX = 16 << 20;

    /// The most chunks, so that the manifest keeps within [#BYTES_MAX].
    public static final int CHUNKS_MAX = 330_000;

    /// The most memory that an image may ask for, in MiB: 1 TiB.
    public static final int MEMORY_MIB_MAX = 1 << 20;

    public Manifest {
        Names.check("manifest", name);
        if (index.sizeBytes() < 1 || index.sizeBytes() > IMAGE_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "manifest: expected an image of 1 byte to 16 GiB, got " + index.sizeBytes());
        }
        if (index.chunks().size() > CHUNKS_MAX) {
            throw new IllegalArgumentException(
                    "manifest: expected at most 330000 chunks, got " + index.chunks().size());
        }
        if (bootModes.isEmpty()) {
            throw new IllegalArgumentException("manifest: expected a boot mode, got none");
        }
        if (memoryMib < 1 || memoryMib > MEMORY_MIB_MAX) {
            throw new IllegalArgumentException(
                    "manifest: expected 1 to 1048576 MiB of memory, got " + memoryMib);
        }
        bootModes = Set.copyOf(bootModes);
    }

    /// The manifest of a CD.
    public Manifest(
            String name,
            FileIndex index,
            Set<BootMode> bootModes,
            int memoryMib,
            Origin origin,
            CreatorKey creator) {
        this(name, index, Medium.CD, bootModes, memoryMib, origin, creator);
    }

    /// Reads the one manifest that fills `bytes`.
    ///
    /// @throws ManifestFormatException if the bytes are not what [#toBytes] writes
    public static Manifest parse(ByteBuffer bytes) throws ManifestFormatException {
        return ManifestText.parse(bytes);
    }

    /// The written form, which is signed.
    public byte[] toBytes() {
        return ManifestText.write(this);
    }

    /// Names the manifest, and with it every byte of the image.
    public Sha256Digest digest() {
        return Sha256Digest.ofContent(toBytes());
    }

    /// Size of the image in bytes.
    public long sizeBytes() {
        return index.sizeBytes();
    }

    /// Digest of the whole image.
    public Sha256Digest sha256() {
        return index.sha256();
    }

    /// The chunks in the order of the image.
    public List<ChunkReference> chunks() {
        return index.chunks();
    }

    /// The boot modes in their written order.
    Set<BootMode> orderedBootModes() {
        return EnumSet.copyOf(bootModes);
    }
}
