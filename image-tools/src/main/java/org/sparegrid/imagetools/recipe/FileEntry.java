// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.recipe;

import java.nio.file.Path;

/// Something that a layer puts into the machine's file system.
public sealed interface FileEntry {
    /// The absolute path in the machine.
    String to();

    /// The name of the user who owns it.
    String owner();

    /// A file with the given text.
    ///
    /// @param mode permission bits
    record Text(String to, String content, int mode, String owner) implements FileEntry {}

    /// A copy of a file, or of everything in a folder, with its permission bits.
    record Copy(String to, Path from, String owner) implements FileEntry {}
}
