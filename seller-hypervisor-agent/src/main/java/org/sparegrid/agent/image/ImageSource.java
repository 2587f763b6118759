// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.image;

import java.io.IOException;
import org.sparegrid.imagetools.chunk.ChunkSource;
import org.sparegrid.protocol.ImageId;

/// Where images come from. Nothing that it gives is trusted.
public interface ImageSource extends ChunkSource {
    /// The bytes that are said to be the image's signed manifest.
    byte[] manifest(ImageId image) throws IOException;
}
