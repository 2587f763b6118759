// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.image;

import java.nio.file.Path;
import org.sparegrid.imagetools.assembly.VerifiedImage;
import org.sparegrid.imagetools.manifest.Manifest;

/// An image in the form in which a guest gets it.
public sealed interface GuestImage {
    /// What it is.
    Manifest manifest();

    /// All of it is here and checked.
    record Whole(VerifiedImage image) implements GuestImage {
        @Override
        public Manifest manifest() {
            return image.manifest();
        }
    }

    /// It comes while the guest runs.
    ///
    /// @param socket where it is served over NBD
    record Streamed(StreamedImage image, Path socket) implements GuestImage {
        @Override
        public Manifest manifest() {
            return image.manifest();
        }
    }
}
