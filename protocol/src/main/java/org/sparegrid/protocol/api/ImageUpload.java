// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import java.util.List;

/// Completes the upload of an image: its signed manifest, with what the coordinator needs to know
/// of it. The coordinator keeps the manifest as it is; agents verify it.
///
/// @param name the image's name, 1 to 64 of a-z, 0-9, `.`, `_` and `-`
/// @param sizeBytes the image file's length
/// @param chunks the SHA-256 of every chunk in the order of the file, in hexadecimal; [#CHUNKS_MAX]
///   at most
/// @param signedManifest the signed manifest's bytes in base64
public record ImageUpload(String name, long sizeBytes, List<String> chunks, String signedManifest) {
    /// As many digests as one request holds; of live CDs about 4.8 GB.
    public static final int CHUNKS_MAX = 65_536;

    public ImageUpload {
        chunks = List.copyOf(chunks);
    }
}
