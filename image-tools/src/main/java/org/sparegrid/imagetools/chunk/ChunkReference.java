// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.chunk;

/// Names the content of one chunk.
///
/// @param lengthBytes from 1 to [#LENGTH_BYTES_MAX]
public record ChunkReference(Sha256Digest digest, int lengthBytes) {
    /// The longest chunk: larger ones would make a boot read far more than it needs.
    public static final int LENGTH_BYTES_MAX = 256 * 1024;

    public ChunkReference {
        if (lengthBytes < 1 || lengthBytes > LENGTH_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "chunk: expected a length from 1 to 262144 bytes, got " + lengthBytes);
        }
    }
}
