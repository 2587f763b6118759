// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import java.util.List;

/// Chunks by their SHA-256, in hexadecimal; asks which the coordinator has, and answers which it
/// lacks.
///
/// @param chunks at most 10,000
public record ChunkList(List<String> chunks) {
    public ChunkList {
        chunks = List.copyOf(chunks);
    }
}
