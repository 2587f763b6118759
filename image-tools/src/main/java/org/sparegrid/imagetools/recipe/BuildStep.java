// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.recipe;

import java.nio.file.Path;

/// Something that runs in the machine's file system while the image is built.
public sealed interface BuildStep {
    /// A command line for `sh`.
    record Command(String line) implements BuildStep {}

    /// A program beside the recipe, which begins with `#!`; it is no part of the image.
    record Script(Path file) implements BuildStep {}
}
