// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.image;

import java.io.IOException;
import org.sparegrid.protocol.http.Gzip;

/// A chunk or manifest as it is kept.
///
/// @param bytes what is on the disk
/// @param coded whether they are coded by [Gzip]
@SuppressWarnings("ArrayRecordComponent") // It goes straight to a socket and is never compared.
public record KeptBytes(byte[] bytes, boolean coded) {
    /// What was put.
    ///
    /// @throws IOException if the coded bytes on the disk have changed
    public byte[] plain() throws IOException {
        return coded ? Gzip.decode(bytes, ChunkStore.CHUNK_MAX_BYTES) : bytes;
    }
}
