// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.iso;

import java.time.Duration;

/// What a sound image stays within; each bound keeps hostile bytes from costing time or memory.
final class IsoLimits {
    /// Bytes of a sector of a CD. Source: ECMA-119, section 6.1.2.
    static final int SECTOR_BYTES = 2048;

    /// The first sixteen sectors are the system area; the volume descriptors follow.
    static final int FIRST_DESCRIPTOR_SECTOR = 16;

    /// A real image has fewer than ten.
    static final int DESCRIPTORS_MAX = 64;

    /// ECMA-119 allows 8, Rock Ridge relocates deeper ones; real images stay below 20.
    static final int DEPTH_MAX = 32;

    /// A Debian DVD has some 5,000.
    static final int ENTRIES_MAX = 200_000;

    /// A folder of this size has some 100,000 names.
    static final int FOLDER_BYTES_MAX = 16 << 20;

    /// The most bytes of all folders together.
    static final long FOLDERS_BYTES_MAX = 64L << 20;

    /// Continuation areas of one record.
    static final int CONTINUATIONS_MAX = 64;

    /// Bytes of one name, as in Linux.
    static final int NAME_BYTES_MAX = 255;

    /// El Torito entries in one sector.
    static final int BOOT_ENTRIES_MAX = 64;

    /// A text file that is read whole, such as a boot loader's settings.
    static final int TEXT_BYTES_MAX = 1 << 20;

    /// A real image takes some milliseconds.
    static final Duration TIME_MAX = Duration.ofSeconds(5);

    private IsoLimits() {}
}
