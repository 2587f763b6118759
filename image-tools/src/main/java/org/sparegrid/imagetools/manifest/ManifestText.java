// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.manifest;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.sparegrid.imagetools.chunk.ChunkReference;
import org.sparegrid.imagetools.chunk.FileIndex;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.iso.BootMode;

/// The written form of a [Manifest].
final class ManifestText {
    static final String FIRST_LINE = "sparegrid-image 1";

    /// A chunk's line is Base64 of its digest and, big-endian in four bytes, its length.
    private static final int CHUNK_LINE_CHARACTERS = 48;

    private ManifestText() {}

    static byte[] write(Manifest manifest) {
        int chunks = manifest.chunks().size();
        StringBuilder text = new StringBuilder(2048 + chunks * (CHUNK_LINE_CHARACTERS + 1));
        text.append(FIRST_LINE).append('\n');
        text.append("name ").append(manifest.name()).append('\n');
        text.append("size ").append(manifest.sizeBytes()).append('\n');
        text.append("sha256 ").append(manifest.sha256()).append('\n');
        text.append("boot");
        for (BootMode mode : manifest.orderedBootModes()) {
            text.append(' ').append(mode.name().toLowerCase(Locale.ROOT));
        }
        if (manifest.medium() == Medium.DISK) {
            text.append("\nmedium disk");
        }
        text.append("\nmemory-mib ").append(manifest.memoryMib()).append('\n');
        text.append("creator ").append(manifest.creator()).append('\n');
        switch (manifest.origin()) {
            case Origin.Foreign _ -> text.append("origin foreign\n");
            case Origin.Built built -> writeBuilt(built, text);
        }
        text.append("chunks ").append(chunks).append('\n');
        ByteBuffer entry = ByteBuffer.allocate(Sha256Digest.LENGTH_BYTES + Integer.BYTES);
        for (ChunkReference chunk : manifest.chunks()) {
            entry.clear().put(chunk.digest().toBytes()).putInt(chunk.lengthBytes());
            text.append(Base64.getEncoder().encodeToString(entry.array())).append('\n');
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static void writeBuilt(Origin.Built built, StringBuilder text) {
        text.append("origin built ").append(built.base()).append(' ').append(built.recipe());
        text.append("\nlayers ").append(built.layers().size()).append('\n');
        for (Origin.Layer layer : built.layers()) {
            text.append(layer.name()).append(' ').append(layer.sha256()).append(' ');
            text.append(layer.sizeBytes()).append('\n');
            for (Origin.InstalledPackage installed : layer.packages()) {
                text.append("+ ").append(installed.name()).append(' ');
                text.append(installed.version()).append('\n');
            }
        }
    }

    static Manifest parse(ByteBuffer bytes) throws ManifestFormatException {
        ManifestLines lines = new ManifestLines(bytes.slice());
        String first = lines.next();
        if (!first.equals(FIRST_LINE)) {
            throw lines.fault("expected \"" + FIRST_LINE + "\"", first);
        }
        String name = lines.value("name");
        if (!Names.isName(name)) {
            throw lines.fault("expected a name of letters a-z, digits and inner hyphens", name);
        }
        long sizeBytes = lines.number("size", 1, Manifest.IMAGE_BYTES_MAX);
        Sha256Digest sha256 = lines.digest(lines.value("sha256"));
        Set<BootMode> bootModes = bootModes(lines);
        Medium medium = medium(lines);
        int memoryMib = (int) lines.number("memory-mib", 1, Manifest.MEMORY_MIB_MAX);
        CreatorKey creator = CreatorKey.of(lines.digest(lines.value("creator")).toBytes());
        Origin origin = origin(lines);
        List<ChunkReference> chunks = chunks(lines, sizeBytes);
        lines.end();
        Manifest manifest =
                new Manifest(
                        name,
                        new FileIndex(sizeBytes, sha256, chunks),
                        medium,
                        bootModes,
                        memoryMib,
                        origin,
                        creator);
        byte[] given = new byte[bytes.remaining()];
        bytes.duplicate().get(given);
        if (!Arrays.equals(given, write(manifest))) {
            throw new ManifestFormatException("manifest: not in its canonical form");
        }
        return manifest;
    }

    private static Set<BootMode> bootModes(ManifestLines lines) throws ManifestFormatException {
        String modes = lines.value("boot");
        return switch (modes) {
            case "bios" -> EnumSet.of(BootMode.BIOS);
            case "uefi" -> EnumSet.of(BootMode.UEFI);
            case "bios uefi" -> EnumSet.allOf(BootMode.class);
            default -> throw lines.fault("expected bios, uefi or both", modes);
        };
    }

    /// The line is there for a disk only.
    private static Medium medium(ManifestLines lines) throws ManifestFormatException {
        Optional<String> medium = lines.optional("medium");
        if (medium.isEmpty()) {
            return Medium.CD;
        }
        if (!medium.get().equals("disk")) {
            throw lines.fault("expected disk", medium.get());
        }
        return Medium.DISK;
    }

    private static Origin origin(ManifestLines lines) throws ManifestFormatException {
        String origin = lines.value("origin");
        if (origin.equals("foreign")) {
            return new Origin.Foreign();
        }
        String[] words = origin.split(" ", -1);
        if (words.length != 3 || !words[0].equals("built")) {
            throw lines.fault("expected foreign, or built with two digests", origin);
        }
        Sha256Digest base = lines.digest(words[1]);
        Sha256Digest recipe = lines.digest(words[2]);
        int count = (int) lines.number("layers", 0, Origin.Built.LAYERS_MAX);
        List<Origin.Layer> layers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            layers.add(layer(lines));
        }
        return new Origin.Built(base, recipe, layers);
    }

    private static Origin.Layer layer(ManifestLines lines) throws ManifestFormatException {
        String line = lines.next();
        String[] words = line.split(" ", -1);
        if (words.length != 3 || !Names.isName(words[0])) {
            throw lines.fault("expected a layer's name, digest and size", line);
        }
        long sizeBytes = lines.number(words[2], "layer size", 1, Manifest.IMAGE_BYTES_MAX);
        Sha256Digest sha256 = lines.digest(words[1]);
        return new Origin.Layer(words[0], sha256, sizeBytes, packages(lines));
    }

    private static List<Origin.InstalledPackage> packages(ManifestLines lines)
            throws ManifestFormatException {
        List<Origin.InstalledPackage> packages = new ArrayList<>();
        Optional<String> line = lines.optional("+");
        while (line.isPresent()) {
            String[] words = line.get().split(" ", -1);
            if (words.length != 2 || !Origin.InstalledPackage.isPackage(words[0], words[1])) {
                throw lines.fault("expected a package's name and version", line.get());
            }
            if (packages.size() == Origin.Layer.PACKAGES_MAX) {
                throw lines.fault("expected at most 5000 packages", line.get());
            }
            packages.add(new Origin.InstalledPackage(words[0], words[1]));
            line = lines.optional("+");
        }
        return packages;
    }

    private static List<ChunkReference> chunks(ManifestLines lines, long sizeBytes)
            throws ManifestFormatException {
        int count = (int) lines.number("chunks", 1, Manifest.CHUNKS_MAX);
        List<ChunkReference> chunks = new ArrayList<>(Math.min(count, 4096));
        long sumBytes = 0;
        for (int i = 0; i < count; i++) {
            ChunkReference chunk = chunk(lines);
            sumBytes += chunk.lengthBytes();
            chunks.add(chunk);
        }
        if (sumBytes != sizeBytes) {
            throw new ManifestFormatException(
                    "manifest: expected chunks of "
                            + sizeBytes
                            + " bytes together, got "
                            + sumBytes);
        }
        return chunks;
    }

    private static ChunkReference chunk(ManifestLines lines) throws ManifestFormatException {
        String line = lines.next();
        if (line.length() != CHUNK_LINE_CHARACTERS) {
            throw lines.fault("expected a chunk of 48 characters", line);
        }
        ByteBuffer entry;
        try {
            entry = ByteBuffer.wrap(Base64.getDecoder().decode(line));
        } catch (IllegalArgumentException notBase64) {
            throw lines.fault("expected a chunk in Base64", line);
        }
        if (entry.remaining() != Sha256Digest.LENGTH_BYTES + Integer.BYTES) {
            throw lines.fault("expected a chunk in Base64 without padding", line);
        }
        byte[] digest = new byte[Sha256Digest.LENGTH_BYTES];
        entry.get(digest);
        int lengthBytes = entry.getInt();
        if (lengthBytes < 1 || lengthBytes > ChunkReference.LENGTH_BYTES_MAX) {
            throw lines.fault(
                    "expected a chunk of 1 to 262144 bytes", Integer.toString(lengthBytes));
        }
        return new ChunkReference(Sha256Digest.of(digest), lengthBytes);
    }
}
