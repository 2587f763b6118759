// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.iso;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparegrid.imagetools.chunk.Sha256Digest;

/// The contents of an ISO 9660 image, read without mounting it.
///
/// The reader expects hostile bytes: whatever it is given, it ends within seconds and in bounded
/// memory, with contents that lie inside the file or with an [IsoFormatException].
///
/// Source: ECMA-119; Rock Ridge (IEEE P1282); El Torito 1.0.
public final class IsoImage {
    private final Path file;
    private final long sizeBytes;
    private final VolumeDescriptors descriptors;
    private final Set<BootMode> bootModes;
    private final Map<String, IsoEntry> entries;
    private final boolean rockRidge;

    private IsoImage(
            Path file,
            long sizeBytes,
            VolumeDescriptors descriptors,
            Set<BootMode> bootModes,
            DirectoryWalk walk) {
        this.file = file;
        this.sizeBytes = sizeBytes;
        this.descriptors = descriptors;
        this.bootModes = bootModes;
        this.entries = walk.entries();
        this.rockRidge = walk.rockRidge();
    }

    /// Reads what is in `file`, but not the contents of the files in it.
    ///
    /// @throws IsoFormatException if it is cut off, damaged or no ISO image
    public static IsoImage read(Path file) throws IOException, IsoFormatException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            IsoBytes bytes = new IsoBytes(channel);
            VolumeDescriptors descriptors = VolumeDescriptors.read(bytes);
            if (descriptors.volumeBytes() > bytes.sizeBytes()) {
                throw new IsoFormatException(
                        "the image says it has "
                                + descriptors.volumeBytes()
                                + " bytes, but the file has "
                                + bytes.sizeBytes()
                                + "; it is cut off, get it again");
            }
            Set<BootMode> modes =
                    descriptors.bootCatalogSector().isPresent()
                            ? BootCatalog.read(bytes, descriptors.bootCatalogSector().getAsLong())
                            : EnumSet.noneOf(BootMode.class);
            DirectoryWalk walk = DirectoryWalk.of(bytes, descriptors.root());
            return new IsoImage(file, bytes.sizeBytes(), descriptors, modes, walk);
        }
    }

    /// Size of the file in bytes.
    public long sizeBytes() {
        return sizeBytes;
    }

    /// The name of the volume, such as `SPAREGRID`; anything unprintable is a question mark.
    public String volumeId() {
        return descriptors.volumeId();
    }

    /// How the image can start; empty if it cannot.
    public Set<BootMode> bootModes() {
        return Set.copyOf(bootModes);
    }

    /// Whether there are long names for Windows as well.
    public boolean joliet() {
        return descriptors.joliet();
    }

    /// Whether names and permissions are those of a Unix system.
    public boolean rockRidge() {
        return rockRidge;
    }

    /// All files and folders.
    public Collection<IsoEntry> entries() {
        return List.copyOf(entries.values());
    }

    /// The file or folder at `path`, such as `live/vmlinuz`.
    public Optional<IsoEntry> entry(String path) {
        return Optional.ofNullable(entries.get(path));
    }

    /// The text of a small file.
    ///
    /// @throws IsoFormatException if it is above 1 MiB
    public String text(IsoEntry entry) throws IOException, IsoFormatException {
        if (entry.sizeBytes() > IsoLimits.TEXT_BYTES_MAX) {
            throw new IsoFormatException("expected a text of 1 MiB at most in " + entry.path());
        }
        return new String(head(entry, IsoLimits.TEXT_BYTES_MAX), StandardCharsets.UTF_8);
    }

    /// The first `lengthBytes` bytes of a file, or all if it is shorter.
    public byte[] head(IsoEntry entry, int lengthBytes) throws IOException, IsoFormatException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            int length = (int) Math.min(entry.sizeBytes(), lengthBytes);
            return new IsoBytes(channel).read(entry.path(), entry.offsetBytes(), length).array();
        }
    }

    /// Copies a file out of the image into `target`, which must not exist.
    public void extract(IsoEntry entry, Path target) throws IOException {
        try (OutputStream out = Files.newOutputStream(target, StandardOpenOption.CREATE_NEW)) {
            copy(entry, Channels.newChannel(out));
        }
    }

    /// The digest of a file's bytes.
    public Sha256Digest digest(IsoEntry entry) throws IOException {
        MessageDigest sha256 = Sha256Digest.algorithm();
        try (OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), sha256)) {
            copy(entry, Channels.newChannel(out));
        }
        return Sha256Digest.finish(sha256);
    }

    private void copy(IsoEntry entry, WritableByteChannel sink) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long done = 0;
            while (done < entry.sizeBytes()) {
                long moved =
                        channel.transferTo(
                                entry.offsetBytes() + done, entry.sizeBytes() - done, sink);
                if (moved <= 0) {
                    throw new IOException(file + ": became shorter while it was read");
                }
                done += moved;
            }
        }
    }
}
