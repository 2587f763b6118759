// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.iso;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Set;

/// El Torito's catalogue of boot images.
///
/// Source: El Torito 1.0, section 2; UEFI 2.10, section 13.3.2.1 for platform 0xEF.
final class BootCatalog {
    private static final int ENTRY_BYTES = 32;
    private static final int PLATFORM_PC = 0x00;
    private static final int PLATFORM_EFI = 0xef;
    private static final int VALIDATION = 0x01;
    private static final int BOOTABLE = 0x88;
    private static final int SECTION = 0x90;
    private static final int LAST_SECTION = 0x91;
    private static final int EXTENSION = 0x44;
    private static final int VIRTUAL_SECTOR_BYTES = 512;

    private BootCatalog() {}

    static Set<BootMode> read(IsoBytes bytes, long sector) throws IOException, IsoFormatException {
        ByteBuffer catalog =
                bytes.read(
                        "boot catalogue", sector * IsoLimits.SECTOR_BYTES, IsoLimits.SECTOR_BYTES);
        requireValid(catalog, sector);
        Set<BootMode> modes = EnumSet.noneOf(BootMode.class);
        int platform = catalog.get(1) & 0xff;
        take(bytes, catalog, ENTRY_BYTES, platform, modes);
        int offset = 2 * ENTRY_BYTES;
        for (int i = 0; i < IsoLimits.BOOT_ENTRIES_MAX && offset < catalog.limit(); i++) {
            int indicator = catalog.get(offset) & 0xff;
            if (indicator == SECTION || indicator == LAST_SECTION) {
                platform = catalog.get(offset + 1) & 0xff;
            } else if (indicator == 0) {
                return modes;
            } else if (indicator != EXTENSION) {
                take(bytes, catalog, offset, platform, modes);
            }
            offset += ENTRY_BYTES;
        }
        return modes;
    }

    private static void requireValid(ByteBuffer catalog, long sector) throws IsoFormatException {
        int sum = 0;
        for (int i = 0; i < ENTRY_BYTES; i += 2) {
            sum += catalog.getShort(i) & 0xffff;
        }
        boolean signed = (catalog.get(30) & 0xff) == 0x55 && (catalog.get(31) & 0xff) == 0xaa;
        if (catalog.get(0) != VALIDATION || !signed || (sum & 0xffff) != 0) {
            throw new IsoFormatException(
                    "expected a valid first entry of the boot catalogue in sector " + sector);
        }
    }

    private static void take(
            IsoBytes bytes, ByteBuffer catalog, int offset, int platform, Set<BootMode> modes)
            throws IsoFormatException {
        if ((catalog.get(offset) & 0xff) != BOOTABLE) {
            return;
        }
        long image = Integer.toUnsignedLong(catalog.getInt(offset + 8)) * IsoLimits.SECTOR_BYTES;
        long length = (long) (catalog.getShort(offset + 6) & 0xffff) * VIRTUAL_SECTOR_BYTES;
        bytes.requireInside("boot image", image, Math.max(length, 1));
        if (image == 0) {
            throw new IsoFormatException("expected a boot image, its entry points to sector 0");
        }
        if (platform == PLATFORM_PC) {
            modes.add(BootMode.BIOS);
        } else if (platform == PLATFORM_EFI) {
            modes.add(BootMode.UEFI);
        }
    }
}
