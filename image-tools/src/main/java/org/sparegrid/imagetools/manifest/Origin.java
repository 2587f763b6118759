// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.manifest;

import java.util.List;
import org.sparegrid.imagetools.chunk.Sha256Digest;

/// Where an image comes from, as its creator states.
public sealed interface Origin {
    /// A recipe's layers were put over a base.
    ///
    /// @param base digest of the whole base ISO
    /// @param recipe digest of the recipe and everything it names
    /// @param layers lowest first
    record Built(Sha256Digest base, Sha256Digest recipe, List<Layer> layers) implements Origin {
        /// Far above what a live system mounts with joy.
        public static final int LAYERS_MAX = 16;

        public Built {
            layers = List.copyOf(layers);
            if (layers.size() > LAYERS_MAX) {
                throw new IllegalArgumentException(
                        "origin: expected at most 16 layers, got " + layers.size());
            }
        }
    }

    /// The file was made elsewhere.
    record Foreign() implements Origin {}

    /// One squashfs that lies over those before it.
    record Layer(String name, Sha256Digest sha256, long sizeBytes) {
        public Layer {
            Names.check("layer", name);
            if (sizeBytes < 1 || sizeBytes > Manifest.IMAGE_BYTES_MAX) {
                throw new IllegalArgumentException("layer: bad size " + sizeBytes);
            }
        }
    }
}
