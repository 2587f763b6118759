// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.recipe;

/// How large what is built may become; a build that passes them fails.
///
/// @param imageBytesMax of the finished ISO
/// @param layerBytesMax of each layer as packed
public record Limits(long imageBytesMax, long layerBytesMax) {
    /// The most that a manifest can describe.
    public static final Limits NONE = new Limits(1L << 40, 1L << 40);
}
