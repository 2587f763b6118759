// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.chunk;

import java.util.List;

/// A file cut into chunks.
///
/// @param sha256 digest of the whole file
/// @param chunks in the order of the file; their lengths add up to `sizeBytes`
public record FileIndex(long sizeBytes, Sha256Digest sha256, List<ChunkReference> chunks) {
    public FileIndex {
        chunks = List.copyOf(chunks);
        long sumBytes = chunks.stream().mapToLong(ChunkReference::lengthBytes).sum();
        if (sumBytes != sizeBytes) {
            throw new IllegalArgumentException(
                    "index: chunks have " + sumBytes + " bytes, the file has " + sizeBytes);
        }
    }
}
