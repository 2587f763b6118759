// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import java.nio.file.Path;
import java.util.List;
import org.sparegrid.imagetools.chunk.FileIndex;
import org.sparegrid.imagetools.iso.ImageReport;
import org.sparegrid.imagetools.manifest.CreatorKey;
import org.sparegrid.imagetools.manifest.Manifest;
import org.sparegrid.imagetools.manifest.Origin;

/// A finished image.
///
/// @param name as the recipe says
/// @param index of the ISO file
/// @param memoryMib the least memory, in MiB, as the recipe says
/// @param origin base, recipe and layers
/// @param cachedLayers names of the layers that were taken from the cache
/// @param unchanged whether the file was there already, made of the same
public record BuiltImage(
        String name,
        Path iso,
        FileIndex index,
        int memoryMib,
        Origin.Built origin,
        List<String> cachedLayers,
        boolean unchanged) {
    public BuiltImage {
        cachedLayers = List.copyOf(cachedLayers);
    }

    /// The manifest of this image as `creator` will sign it.
    ///
    /// @param report of the ISO file
    public Manifest manifest(ImageReport report, CreatorKey creator) {
        return new Manifest(name, index, report.bootModes(), memoryMib, origin, creator);
    }
}
