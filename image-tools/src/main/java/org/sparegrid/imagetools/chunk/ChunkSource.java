// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.chunk;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Where chunks come from: a coordinator, a peer, a cache or a file.
///
/// A source is not trusted: whoever takes bytes from it checks their digest.
@FunctionalInterface
public interface ChunkSource {
    /// Fetches the content of a chunk.
    ///
    /// @return a buffer whose remaining bytes are the content; the caller owns it
    /// @throws IOException if the chunk cannot be had from here now
    ByteBuffer fetch(Sha256Digest chunk) throws IOException;
}
