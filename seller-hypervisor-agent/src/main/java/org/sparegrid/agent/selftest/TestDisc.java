// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selftest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;
import java.util.zip.InflaterInputStream;

/// The CD that the test guest boots from, with its program and nothing else. The program's source
/// is self-test.c, among the resources of this package.
///
/// Source: "El Torito" Bootable CD-ROM Format Specification 1.0, sections 2 and 7.
final class TestDisc {
    private static final int SECTOR_BYTES = 2048;

    /// What the BIOS counts in.
    private static final int BLOCK_BYTES = 512;

    /// The first sectors are not the file system's.
    private static final int DESCRIPTORS_AT = 16;

    private static final int CATALOG_AT = DESCRIPTORS_AT + 3;
    private static final int PROGRAM_AT = CATALOG_AT + 1;
    private static final int PRIMARY = 1;
    private static final int BOOT = 0;
    private static final int END = 255;

    private TestDisc() {}

    /// The whole disc.
    static byte[] bytes() throws IOException {
        byte[] program = program();
        int sectors = PROGRAM_AT + (program.length + SECTOR_BYTES - 1) / SECTOR_BYTES;
        ByteBuffer disc =
                ByteBuffer.allocate(sectors * SECTOR_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        descriptor(disc, 0, PRIMARY);
        int boot = descriptor(disc, 1, BOOT);
        disc.put(boot + 7, "EL TORITO SPECIFICATION".getBytes(StandardCharsets.US_ASCII));
        disc.putInt(boot + 71, CATALOG_AT);
        descriptor(disc, 2, END);
        catalog(disc, CATALOG_AT * SECTOR_BYTES, program.length);
        disc.put(PROGRAM_AT * SECTOR_BYTES, program);
        return disc.array();
    }

    private static int descriptor(ByteBuffer disc, int index, int type) {
        int at = (DESCRIPTORS_AT + index) * SECTOR_BYTES;
        disc.put(at, (byte) type);
        disc.put(at + 1, "CD001".getBytes(StandardCharsets.US_ASCII));
        disc.put(at + 6, (byte) 1);
        return at;
    }

    /// A validation entry, whose words add up to zero, and the entry of the program, which the BIOS
    /// loads to 0x7C00 as it is.
    private static void catalog(ByteBuffer disc, int at, int programBytes) {
        disc.put(at, (byte) 1);
        disc.putShort(at + 30, (short) 0xAA55);
        disc.putShort(at + 28, (short) (0 - 1 - 0xAA55));
        int entry = at + 32;
        disc.put(entry, (byte) 0x88);
        disc.putShort(entry + 6, (short) ((programBytes + BLOCK_BYTES - 1) / BLOCK_BYTES));
        disc.putInt(entry + 8, PROGRAM_AT);
    }

    private static byte[] program() throws IOException {
        try (InputStream text = TestDisc.class.getResourceAsStream("self-test.zlib.base64")) {
            ByteArrayOutputStream program = new ByteArrayOutputStream();
            new InflaterInputStream(
                            Base64.getMimeDecoder()
                                    .wrap(Objects.requireNonNull(text, "the test's program")))
                    .transferTo(program);
            return program.toByteArray();
        }
    }
}
