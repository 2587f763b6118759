// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.recipe;

import java.nio.file.Path;
import org.sparegrid.imagetools.chunk.Sha256Digest;

/// The live CD over which a recipe's layers are put.
public sealed interface Base {
    /// Sparegrid's own base, wherever the builder keeps it.
    record Sparegrid() implements Base {}

    /// Any ISO file.
    record IsoFile(Path iso) implements Base {}

    /// An ISO file that must have this digest.
    record PinnedIsoFile(Path iso, Sha256Digest sha256) implements Base {}

    /// Whichever ISO file beside the recipe or in the cache has this digest.
    ///
    /// @param folder the recipe's
    record Digest(Sha256Digest sha256, Path folder) implements Base {}
}
