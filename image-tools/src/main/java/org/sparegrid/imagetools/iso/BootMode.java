// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.iso;

/// A firmware that can start an image.
public enum BootMode {
    /// A PC BIOS, through El Torito without emulation.
    BIOS,
    /// UEFI, through an El Torito image that holds a FAT file system.
    UEFI
}
