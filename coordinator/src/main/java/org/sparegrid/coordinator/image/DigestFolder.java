// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import org.sparegrid.protocol.http.Gzip;

/// Files named by their SHA-256, as `ab/abcd…`, or `ab/abcd….gz` if they are kept coded; `new/`
/// holds those being written.
final class DigestFolder {
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final int PREFIX_CHARACTERS = 2;

    private final Path folder;
    private final Path fresh;
    private final String kind;
    private final int lengthMaxBytes;
    private final boolean coded;

    private DigestFolder(Path folder, String kind, int lengthMaxBytes, boolean coded) {
        this.folder = folder;
        this.fresh = folder.resolve("new");
        this.kind = kind;
        this.lengthMaxBytes = lengthMaxBytes;
        this.coded = coded;
    }

    /// Opens the folder, which is made if there is none.
    ///
    /// @param coded whether what is put is kept coded where that makes it shorter
    static DigestFolder open(Path folder, String kind, int lengthMaxBytes, boolean coded)
            throws IOException {
        DigestFolder opened = new DigestFolder(folder, kind, lengthMaxBytes, coded);
        Files.createDirectories(opened.fresh);
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(opened.fresh)) {
            for (Path leftover : leftovers) {
                Files.delete(leftover);
            }
        }
        return opened;
    }

    boolean has(String sha256) {
        return Files.isRegularFile(file(sha256)) || Files.isRegularFile(codedFile(sha256));
    }

    KeptBytes get(String sha256) throws IOException {
        try {
            return new KeptBytes(Files.readAllBytes(file(sha256)), false);
        } catch (NoSuchFileException none) {
            return new KeptBytes(Files.readAllBytes(codedFile(sha256)), true);
        }
    }

    long freeBytes() throws IOException {
        return Files.getFileStore(folder).getUsableSpace();
    }

    void delete(String sha256) throws IOException {
        Files.deleteIfExists(file(sha256));
        Files.deleteIfExists(codedFile(sha256));
    }

    void put(String sha256, byte[] bytes) throws IOException, ChunkMismatchException {
        Path plain = file(sha256);
        check(sha256, bytes);
        if (has(sha256)) {
            return;
        }
        Optional<byte[]> shorter = coded ? Gzip.code(bytes) : Optional.empty();
        Path file = shorter.isPresent() ? codedFile(sha256) : plain;
        Path written = Files.createTempFile(fresh, kind, "");
        try {
            writeDurably(written, shorter.orElse(bytes));
            Path parent = folder.resolve(sha256.substring(0, PREFIX_CHARACTERS));
            if (!Files.isDirectory(parent)) {
                Files.createDirectories(parent);
                sync(folder);
            }
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
            sync(parent);
        } finally {
            Files.deleteIfExists(written);
        }
    }

    private void check(String sha256, byte[] bytes) throws ChunkMismatchException {
        if (bytes.length > lengthMaxBytes) {
            throw new ChunkMismatchException(
                    kind + ": expected at most " + lengthMaxBytes + " bytes, got " + bytes.length);
        }
        String found = HexFormat.of().formatHex(sha256(bytes));
        if (!found.equals(sha256)) {
            throw new ChunkMismatchException(
                    kind + ": expected bytes with SHA-256 " + sha256 + ", got " + found);
        }
    }

    private Path file(String sha256) {
        if (!DIGEST.matcher(sha256).matches()) {
            throw new IllegalArgumentException(
                    kind + ": expected 64 hexadecimal digits, got " + sha256.length());
        }
        return folder.resolve(sha256.substring(0, PREFIX_CHARACTERS)).resolve(sha256);
    }

    private Path codedFile(String sha256) {
        return file(sha256).resolveSibling(sha256 + ".gz");
    }

    private static void writeDurably(Path file, byte[] bytes) throws IOException {
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            while (rest.hasRemaining()) {
                out.write(rest);
            }
            out.force(true);
        }
    }

    private static void sync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("this Java has no SHA-256", impossible);
        }
    }
}
