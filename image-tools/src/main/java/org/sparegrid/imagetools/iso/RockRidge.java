// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.iso;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// What the system use area of a record says: a long name, and whether the entry is a link or was
/// moved.
///
/// Source: SUSP 1.12 (IEEE P1281), section 5; RRIP 1.12 (IEEE P1282), section 4.
final class RockRidge {
    private static final int SUSP_HEADER_BYTES = 4;

    /// `NM` flags: the name is `.` or `..`.

    private static final int NAME_CURRENT_OR_PARENT = 0x06;

    private final long sector;
    private final StringBuilder name = new StringBuilder();
    private boolean present;
    private boolean special;
    private boolean relocated;

    private RockRidge(long sector) {
        this.sector = sector;
    }

    /// Reads the system use area `use` of a record in `sector`, skipping `skip` bytes first.
    static RockRidge read(IsoBytes bytes, ByteBuffer use, int skip, long sector)
            throws IOException, IsoFormatException {
        RockRidge read = new RockRidge(sector);
        ByteBuffer area = use.slice(Math.min(skip, use.limit()), Math.max(0, use.limit() - skip));
        long behind = -1;
        for (int i = 0; i < IsoLimits.CONTINUATIONS_MAX; i++) {
            Continuation next = read.area(area.order(use.order()));
            if (next == null) {
                return read;
            }
            if (next.offsetBytes() <= behind) {
                throw new IsoFormatException(
                        "expected continuations to go forwards from sector " + sector);
            }
            behind = next.offsetBytes();
            area = bytes.read("continuation area", next.offsetBytes(), next.lengthBytes());
        }
        throw new IsoFormatException("expected at most 64 continuations from sector " + sector);
    }

    private record Continuation(long offsetBytes, int lengthBytes) {}

    private @Nullable Continuation area(ByteBuffer area) throws IsoFormatException {
        Continuation next = null;
        int offset = 0;
        while (area.limit() - offset >= SUSP_HEADER_BYTES && area.get(offset) != 0) {
            int length = area.get(offset + 2) & 0xff;
            if (length < SUSP_HEADER_BYTES || length > area.limit() - offset) {
                throw new IsoFormatException(
                        "expected a system use entry of 4 bytes or more within its record in sector "
                                + sector
                                + ", got "
                                + length);
            }
            String signature = VolumeDescriptors.text(area, offset, 2);
            if (signature.equals("ST")) {
                return next;
            }
            if (signature.equals("CE")) {
                next = continuation(area, offset, length);
            } else {
                entry(signature, area.slice(offset, length));
            }
            offset += length;
        }
        return next;
    }

    private Continuation continuation(ByteBuffer area, int offset, int length)
            throws IsoFormatException {
        if (length < 28) {
            throw new IsoFormatException("expected a CE entry of 28 bytes in sector " + sector);
        }
        long block = Integer.toUnsignedLong(area.getInt(offset + 4));
        long start = Integer.toUnsignedLong(area.getInt(offset + 12));
        long lengthBytes = Integer.toUnsignedLong(area.getInt(offset + 20));
        if (start + lengthBytes > IsoLimits.SECTOR_BYTES) {
            throw new IsoFormatException(
                    "expected a continuation area within one sector, from sector " + sector);
        }
        return new Continuation(block * IsoLimits.SECTOR_BYTES + start, (int) lengthBytes);
    }

    private void entry(String signature, ByteBuffer entry) throws IsoFormatException {
        switch (signature) {
            case "NM" -> nameEntry(entry);
            case "PX" -> present = true;
            case "SL", "PN", "SF" -> special = true;
            case "CL", "RE" -> relocated = true;
            default -> {
                // Times and other facts that no reader of a boot image needs.
            }
        }
    }

    private void nameEntry(ByteBuffer entry) throws IsoFormatException {
        if (entry.limit() < 5) {
            throw new IsoFormatException("expected an NM entry of 5 bytes in sector " + sector);
        }
        present = true;
        int flags = entry.get(4);
        if ((flags & NAME_CURRENT_OR_PARENT) != 0) {
            throw new IsoFormatException(
                    "expected a name, got \".\" or \"..\" in sector " + sector);
        }
        byte[] part = new byte[entry.limit() - 5];
        entry.get(5, part);
        name.append(new String(part, StandardCharsets.UTF_8));
        if (name.length() > IsoLimits.NAME_BYTES_MAX) {
            throw new IsoFormatException(
                    "expected a name of 255 bytes at most in sector " + sector);
        }
    }

    boolean present() {
        return present;
    }

    boolean special() {
        return special;
    }

    boolean relocated() {
        return relocated;
    }

    String name() {
        return name.toString();
    }
}
