// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.sparegrid.imagetools.chunk.ChunkReference;
import org.sparegrid.imagetools.chunk.Chunker;
import org.sparegrid.imagetools.chunk.FileIndex;
import org.sparegrid.imagetools.chunk.Sha256Digest;

/// Keeps the indexes of bases and of finished images, so that a build need not read all of its base
/// again, nor write again what is there.
///
/// A file counts as unchanged as long as its place, inode, length and the times of its last change
/// of content and of status are the same. Whoever may change the latter owns the computer.
final class IndexCache {
    private static final String FORMAT = "sparegrid index 1";

    /// As many as a manifest can have.
    private static final int CHUNKS_MAX = 330_000;

    /// About 60 kB for each 100 MB of image. The oldest go; that costs the time of making them
    /// anew.
    private static final int FILES_MAX = 128;

    private final Path folder;

    IndexCache(Path folder) {
        this.folder = folder;
    }

    /// The index of `file`, from the cache or made anew.
    FileIndex of(Path file) throws IOException {
        Path kept = place(state(file));
        Optional<FileIndex> known = read(kept, file);
        if (known.isPresent()) {
            return known.get();
        }
        FileIndex index = Chunker.index(file);
        write(index, kept);
        return index;
    }

    /// The index of `file` if it is the one that was made of `parts`, and unchanged since.
    Optional<FileIndex> made(Path file, Sha256Digest parts) throws IOException {
        return Files.isRegularFile(file)
                ? read(place("made of " + parts + " " + state(file)), file)
                : Optional.empty();
    }

    /// Notes that `file`, whose index is `index`, was made of `parts`.
    void note(Path file, Sha256Digest parts, FileIndex index) throws IOException {
        write(index, place("made of " + parts + " " + state(file)));
    }

    private static String state(Path file) throws IOException {
        Map<String, Object> status =
                Files.readAttributes(file, "unix:ino,dev,size,lastModifiedTime,ctime");
        return String.join(
                " ",
                file.toRealPath().toString(),
                String.valueOf(status.get("dev")),
                String.valueOf(status.get("ino")),
                String.valueOf(status.get("size")),
                String.valueOf(status.get("lastModifiedTime")),
                String.valueOf(status.get("ctime")));
    }

    private Path place(String key) {
        byte[] name = key.getBytes(StandardCharsets.UTF_8);
        return folder.resolve(Sha256Digest.ofContent(name) + ".index");
    }

    private static Optional<FileIndex> read(Path kept, Path file) throws IOException {
        if (!Files.isRegularFile(kept)) {
            return Optional.empty();
        }
        try {
            return Optional.of(read(kept, Files.size(file)));
        } catch (IOException | IllegalArgumentException unusable) {
            // Cut off by a crash, or of another version: made anew.
            Files.deleteIfExists(kept);
            return Optional.empty();
        }
    }

    private void write(FileIndex index, Path kept) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeUTF(FORMAT);
        out.write(index.sha256().toBytes());
        out.writeInt(index.chunks().size());
        for (ChunkReference chunk : index.chunks()) {
            out.write(chunk.digest().toBytes());
            out.writeInt(chunk.lengthBytes());
        }
        Files.createDirectories(folder);
        Path part = Files.createTempFile(folder, "index", ".part");
        Files.write(part, bytes.toByteArray());
        Files.move(part, kept, StandardCopyOption.ATOMIC_MOVE);
        deleteOldest();
    }

    private void deleteOldest() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.toList();
        }
        if (files.size() <= FILES_MAX) {
            return;
        }
        Map<Path, FileTime> times = new HashMap<>();
        for (Path file : files) {
            times.put(file, Files.getLastModifiedTime(file));
        }
        List<Path> oldest = files.stream().sorted(Comparator.comparing(times::get)).toList();
        for (Path file : oldest.subList(0, files.size() - FILES_MAX)) {
            Files.deleteIfExists(file);
        }
    }

    private static FileIndex read(Path kept, long sizeBytes) throws IOException {
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(kept)))) {
            if (!in.readUTF().equals(FORMAT)) {
                throw new IOException(kept + ": expected " + FORMAT);
            }
            Sha256Digest whole = digest(in);
            int count = in.readInt();
            if (count < 0 || count > CHUNKS_MAX) {
                throw new IOException(kept + ": expected at most 330000 chunks, got " + count);
            }
            List<ChunkReference> chunks = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                chunks.add(new ChunkReference(digest(in), in.readInt()));
            }
            return new FileIndex(sizeBytes, whole, chunks);
        }
    }

    private static Sha256Digest digest(DataInputStream in) throws IOException {
        byte[] digest = new byte[Sha256Digest.LENGTH_BYTES];
        in.readFully(digest);
        return Sha256Digest.of(digest);
    }
}
