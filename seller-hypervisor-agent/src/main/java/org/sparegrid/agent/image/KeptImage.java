// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sparegrid.imagetools.assembly.VerifiedImage;
import org.sparegrid.imagetools.chunk.Sha256Digest;

/// An image all of which was here before its lease.
final class KeptImage implements SharedImage {
    private final VerifiedImage image;
    private @Nullable ChunkPlaces places;

    KeptImage(VerifiedImage image) {
        this.image = image;
    }

    @Override
    public boolean isWhole() {
        return true;
    }

    @Override
    public Optional<ByteBuffer> chunk(Sha256Digest digest, long waitNanos) throws IOException {
        Optional<ChunkPlaces.Place> place = places().find(digest);
        if (place.isEmpty()) {
            return Optional.empty();
        }
        try (FileChannel file = FileChannel.open(image.file(), StandardOpenOption.READ)) {
            return ChunkPlaces.read(file, place.get());
        }
    }

    /// They are only needed once somebody asks.
    private synchronized ChunkPlaces places() {
        ChunkPlaces known = places;
        if (known == null) {
            known = new ChunkPlaces(image.manifest());
            places = known;
        }
        return known;
    }
}
