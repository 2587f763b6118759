// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.assembly;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.sparegrid.imagetools.chunk.ChunkReference;
import org.sparegrid.imagetools.chunk.ChunkSource;
import org.sparegrid.imagetools.chunk.Sha256Digest;

/// Serves the chunks of a local file, checking each as it is read; any number of threads may ask.
public final class FileChunks implements ChunkSource, Closeable {
    private record Place(long offsetBytes, ChunkReference chunk) {}

    private final Path path;
    private final FileChannel file;
    private final Map<Sha256Digest, Place> places;

    private FileChunks(Path path, FileChannel file, Map<Sha256Digest, Place> places) {
        this.path = path;
        this.file = file;
        this.places = places;
    }

    /// Opens `path`, which `chunks` describe in their order.
    public static FileChunks open(Path path, List<ChunkReference> chunks) throws IOException {
        Map<Sha256Digest, Place> places = HashMap.newHashMap(chunks.size());
        long offsetBytes = 0;
        for (ChunkReference chunk : chunks) {
            places.putIfAbsent(chunk.digest(), new Place(offsetBytes, chunk));
            offsetBytes += chunk.lengthBytes();
        }
        return new FileChunks(path, FileChannel.open(path, StandardOpenOption.READ), places);
    }

    /// @throws IOException if the file has no such chunk or no longer has it
    @Override
    public ByteBuffer fetch(Sha256Digest digest) throws IOException {
        Place place = places.get(digest);
        if (place == null) {
            throw new IOException(path + ": has no chunk " + digest);
        }
        ByteBuffer content = ByteBuffer.allocate(place.chunk().lengthBytes());
        Chunks.readFully(file, content, place.offsetBytes());
        content.flip();
        Chunks.check(path + " at byte " + place.offsetBytes(), place.chunk(), content);
        return content;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
