// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.sparegrid.imagetools.chunk.Sha256Digest;

/// An image, or as much of it as is here, for others. Any thread may call.
public interface SharedImage {
    /// Whether all of it is here.
    boolean isWhole();

    /// A chunk that is here and right, or is so before the time is up.
    ///
    /// @param waitNanos for how long it may be fetched meanwhile; 0 to have it only if it is here
    Optional<ByteBuffer> chunk(Sha256Digest digest, long waitNanos)
            throws IOException, InterruptedException;
}
