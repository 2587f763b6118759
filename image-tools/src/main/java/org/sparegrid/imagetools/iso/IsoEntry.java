// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.iso;

/// A file or folder in an image.
///
/// @param path from the root, without a leading slash: `live/vmlinuz`; names as Rock Ridge gives
///   them, else in lower case without a version
/// @param kind what it is
/// @param offsetBytes where its bytes begin in the image
/// @param sizeBytes how many there are
public record IsoEntry(String path, Kind kind, long offsetBytes, long sizeBytes) {
    /// What an entry is.
    public enum Kind {
        /// Bytes in one piece.
        FILE,
        /// A folder.
        FOLDER,
        /// A symbolic link, a device or a file in several pieces.
        OTHER
    }
}
