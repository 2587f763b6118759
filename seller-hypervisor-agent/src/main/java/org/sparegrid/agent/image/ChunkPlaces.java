// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sparegrid.imagetools.chunk.ChunkReference;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.manifest.Manifest;

/// Where in an image's file each chunk lies.
final class ChunkPlaces {
    private final Map<Sha256Digest, Place> places;

    /// A chunk, and where it lies first.
    record Place(ChunkReference chunk, long offsetBytes) {}

    ChunkPlaces(Manifest manifest) {
        List<ChunkReference> chunks = manifest.chunks();
        this.places = HashMap.newHashMap(chunks.size());
        long offsetBytes = 0;
        for (ChunkReference chunk : chunks) {
            places.putIfAbsent(chunk.digest(), new Place(chunk, offsetBytes));
            offsetBytes += chunk.lengthBytes();
        }
    }

    Optional<Place> find(Sha256Digest digest) {
        return Optional.ofNullable(places.get(digest));
    }

    /// The chunk as it lies in the file, if that is right.
    static Optional<ByteBuffer> read(FileChannel file, Place place) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(place.chunk.lengthBytes());
        while (content.hasRemaining()) {
            if (file.read(content, place.offsetBytes + content.position()) < 0) {
                return Optional.empty();
            }
        }
        content.flip();
        return Sha256Digest.ofContent(content).equals(place.chunk.digest())
                ? Optional.of(content)
                : Optional.empty();
    }
}
