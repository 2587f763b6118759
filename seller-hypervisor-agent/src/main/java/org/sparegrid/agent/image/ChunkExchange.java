// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.image;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.sparegrid.imagetools.chunk.ChunkReference;

/// Where else than at the store the chunks of one image may be had. Any thread may call.
public interface ChunkExchange {
    /// There is nobody to ask.
    ChunkExchange NONE =
            new ChunkExchange() {
                @Override
                public Optional<ByteBuffer> ask(ChunkReference chunk, Why why) {
                    return Optional.empty();
                }

                @Override
                public void stored(long tookNanos) {}

                @Override
                public void whole() {}
            };

    /// Why a chunk is fetched.
    enum Why {
        /// A guest waits for it.
        DEMAND,
        /// A guest will want it.
        AHEAD,
        /// A neighbour wants it.
        NEIGHBOUR
    }

    /// Asks for a chunk, for a time that is bounded.
    ///
    /// @return what it says it is, or nothing if it is to be had from the store
    Optional<ByteBuffer> ask(ChunkReference chunk, Why why);

    /// The store gave a chunk.
    ///
    /// @param tookNanos how long that took
    void stored(long tookNanos);

    /// All of the image is here.
    void whole();
}
