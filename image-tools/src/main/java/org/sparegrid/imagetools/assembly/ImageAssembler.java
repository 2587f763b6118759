// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.assembly;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sparegrid.imagetools.chunk.ChunkReference;
import org.sparegrid.imagetools.chunk.ChunkSource;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.manifest.Manifest;
import org.sparegrid.imagetools.progress.Progress;

/// Writes an image from chunks that come in any order, and goes on where an earlier one stopped.
///
/// The bytes gather in a file beside the target, with `.part` added to its name; what is in it is
/// not trusted but read and checked when the work is taken up again. Each chunk is checked before a
/// byte of it is written. The caller decides how many threads fetch; all methods but [#close] may
/// be called by several at once. The `.part` file belongs to one assembler at a time.
public final class ImageAssembler implements Closeable {
    private final Manifest manifest;
    private final Path target;
    private final Path part;
    private final FileChannel file;

    /// Offsets at which a chunk that is not there yet belongs, in the order of the image.
    private final Map<ChunkReference, List<Long>> missing = new LinkedHashMap<>();

    private long presentBytes;

    private ImageAssembler(Manifest manifest, Path target, Path part, FileChannel file) {
        this.manifest = manifest;
        this.target = target;
        this.part = part;
        this.file = file;
    }

    /// Begins to write `target`, or goes on with it.
    public static ImageAssembler open(Manifest manifest, Path target) throws IOException {
        Path name = target.getFileName();
        if (name == null) {
            throw new IllegalArgumentException("image: expected the name of a file, got " + target);
        }
        Path part = target.resolveSibling(name + ".part");
        FileChannel file =
                FileChannel.open(
                        part,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        ImageAssembler assembler = new ImageAssembler(manifest, target, part, file);
        try {
            assembler.takeUp();
            return assembler;
        } catch (IOException | RuntimeException failure) {
            file.close();
            throw failure;
        }
    }

    private void takeUp() throws IOException {
        if (file.size() > manifest.sizeBytes()) {
            file.truncate(manifest.sizeBytes());
        }
        ByteBuffer buffer = ByteBuffer.allocate(ChunkReference.LENGTH_BYTES_MAX);
        long offsetBytes = 0;
        for (ChunkReference chunk : manifest.chunks()) {
            buffer.clear().limit(chunk.lengthBytes());
            if (Chunks.readFully(file, buffer, offsetBytes)
                    && Sha256Digest.ofContent(buffer.flip()).equals(chunk.digest())) {
                presentBytes += chunk.lengthBytes();
            } else {
                missing.computeIfAbsent(chunk, _ -> new ArrayList<>()).add(offsetBytes);
            }
            offsetBytes += chunk.lengthBytes();
        }
    }

    /// The chunks that are still to be had, each once, in the order of the image.
    public synchronized List<ChunkReference> missing() {
        return List.copyOf(missing.keySet());
    }

    /// How many bytes of the image are there.
    public synchronized long presentBytes() {
        return presentBytes;
    }

    /// Fetches one chunk, checks it and writes it wherever it belongs.
    ///
    /// @throws ChunkMismatchException if the source gave something else; another may have the chunk
    /// @throws IOException if the source cannot give it or the disk does not take it
    public void fetch(ChunkReference chunk, ChunkSource source) throws IOException {
        accept(chunk, source.fetch(chunk.digest()));
    }

    /// Checks what remains in `content` and writes it wherever `chunk` belongs.
    ///
    /// @throws ChunkMismatchException if it is something else
    public void accept(ChunkReference chunk, ByteBuffer content) throws IOException {
        List<Long> offsets;
        synchronized (this) {
            offsets = missing.get(chunk);
        }
        if (offsets == null) {
            return;
        }
        Chunks.check("chunk at byte " + offsets.getFirst() + " of " + target, chunk, content);
        for (long offsetBytes : offsets) {
            Chunks.writeFully(file, content.duplicate(), offsetBytes);
        }
        synchronized (this) {
            if (missing.remove(chunk) != null) {
                presentBytes += (long) chunk.lengthBytes() * offsets.size();
            }
        }
    }

    /// Fetches everything that is missing in the caller's thread and finishes.
    public VerifiedImage assemble(ChunkSource source, Progress progress) throws IOException {
        for (ChunkReference chunk : missing()) {
            progress.bytes(presentBytes(), manifest.sizeBytes());
            fetch(chunk, source);
        }
        progress.bytes(presentBytes(), manifest.sizeBytes());
        return finish();
    }

    /// Checks the whole image once more as it lies on the disk and gives it its name.
    ///
    /// @throws IOException if it is not what the manifest says; the `.part` file stays, and the
    ///   next [#open] keeps what is right of it
    public VerifiedImage finish() throws IOException {
        List<ChunkReference> open = missing();
        if (!open.isEmpty()) {
            throw new IllegalStateException(open.size() + " chunks of " + target + " are missing");
        }
        file.force(true);
        VerifiedImage.check(part, target, manifest);
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
        return VerifiedImage.checked(target, manifest);
    }

    /// Releases the `.part` file and leaves it for later.
    @Override
    public void close() throws IOException {
        file.close();
    }
}
