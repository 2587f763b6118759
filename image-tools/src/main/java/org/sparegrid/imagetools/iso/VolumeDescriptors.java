// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.iso;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/// The volume descriptors of an image.
///
/// Source: ECMA-119, section 8; El Torito 1.0, section 2.
///
/// @param volumeId of the primary descriptor, without trailing spaces
/// @param volumeBytes the length that the image says it has
/// @param root the root folder's record
/// @param joliet whether there is a second tree with long names for Windows
/// @param bootCatalogSector where El Torito's catalogue is, if there is one
record VolumeDescriptors(
        String volumeId,
        long volumeBytes,
        ByteBuffer root,
        boolean joliet,
        OptionalLong bootCatalogSector) {
    private static final int TYPE_BOOT = 0;
    private static final int TYPE_PRIMARY = 1;
    private static final int TYPE_SUPPLEMENTARY = 2;
    private static final int TYPE_END = 255;

    private static final int VOLUME_ID_OFFSET = 40;
    private static final int VOLUME_SECTORS_OFFSET = 80;
    private static final int ESCAPES_OFFSET = 88;
    private static final int SECTOR_BYTES_OFFSET = 128;
    private static final int ROOT_OFFSET = 156;
    private static final int ROOT_BYTES = 34;
    private static final int BOOT_CATALOG_OFFSET = 71;

    static VolumeDescriptors read(IsoBytes bytes) throws IOException, IsoFormatException {
        int sector = IsoLimits.FIRST_DESCRIPTOR_SECTOR;
        if (bytes.sizeBytes() < (sector + 1L) * IsoLimits.SECTOR_BYTES) {
            throw new IsoFormatException(
                    "expected at least 34816 bytes, got "
                            + bytes.sizeBytes()
                            + "; this is no ISO image");
        }
        VolumeDescriptors primary = null;
        boolean joliet = false;
        OptionalLong catalog = OptionalLong.empty();
        for (int i = 0; i < IsoLimits.DESCRIPTORS_MAX; i++, sector++) {
            ByteBuffer descriptor = descriptor(bytes, sector);
            int type = descriptor.get(0) & 0xff;
            if (type == TYPE_END) {
                if (primary == null) {
                    throw new IsoFormatException(
                            "expected a primary volume descriptor, found none");
                }
                return new VolumeDescriptors(
                        primary.volumeId, primary.volumeBytes, primary.root, joliet, catalog);
            }
            if (type == TYPE_PRIMARY && primary == null) {
                primary = primary(descriptor, sector);
            } else if (type == TYPE_BOOT
                    && text(descriptor, 7, 23).equals("EL TORITO SPECIFICATION")) {
                catalog =
                        OptionalLong.of(
                                Integer.toUnsignedLong(descriptor.getInt(BOOT_CATALOG_OFFSET)));
            } else if (type == TYPE_SUPPLEMENTARY) {
                joliet |= text(descriptor, ESCAPES_OFFSET, 3).matches("%/[@CE]");
            }
        }
        throw new IsoFormatException(
                "expected at most 64 volume descriptors, found no end of them");
    }

    private static ByteBuffer descriptor(IsoBytes bytes, int sector)
            throws IOException, IsoFormatException {
        ByteBuffer descriptor =
                bytes.read(
                        "volume descriptor",
                        (long) sector * IsoLimits.SECTOR_BYTES,
                        IsoLimits.SECTOR_BYTES);
        if (!text(descriptor, 1, 5).equals("CD001")) {
            throw new IsoFormatException(
                    sector == IsoLimits.FIRST_DESCRIPTOR_SECTOR
                            ? "expected \"CD001\" in sector 16; this is no ISO image"
                            : "expected \"CD001\" in sector " + sector);
        }
        return descriptor;
    }

    private static VolumeDescriptors primary(ByteBuffer descriptor, int sector)
            throws IsoFormatException {
        int sectorBytes = descriptor.getShort(SECTOR_BYTES_OFFSET) & 0xffff;
        if (sectorBytes != IsoLimits.SECTOR_BYTES) {
            throw new IsoFormatException(
                    "expected blocks of 2048 bytes in sector " + sector + ", got " + sectorBytes);
        }
        long sectors = Integer.toUnsignedLong(descriptor.getInt(VOLUME_SECTORS_OFFSET));
        return new VolumeDescriptors(
                text(descriptor, VOLUME_ID_OFFSET, 32).stripTrailing(),
                sectors * IsoLimits.SECTOR_BYTES,
                descriptor.slice(ROOT_OFFSET, ROOT_BYTES).order(descriptor.order()),
                false,
                OptionalLong.empty());
    }

    /// Printable ASCII; anything else becomes a question mark.
    static String text(ByteBuffer buffer, int offset, int length) {
        byte[] bytes = new byte[length];
        buffer.get(offset, bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1).replaceAll("[^ -~]", "?");
    }
}
