// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.appliance;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// Programs of a few sections, laid out as `objcopy` does.
public final class Programs {
    /// Offset of the PE header.
    static final int HEADER = 64;

    private static final int FILE_ALIGNMENT = 512;
    private static final int MEMORY_ALIGNMENT = 4096;
    private static final int OPTIONAL_BYTES = 112 + 16 * 8;

    private Programs() {}

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /// A program with these sections, whose bytes stand in it in this order.
    static byte[] program(Map<String, byte[]> sections) {
        int headers = aligned(HEADER + 24 + OPTIONAL_BYTES + 40 * sections.size(), FILE_ALIGNMENT);
        int length = headers;
        for (byte[] section : sections.values()) {
            length += aligned(section.length, FILE_ALIGNMENT);
        }
        ByteBuffer out = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        out.put(0, ascii("MZ")).putInt(60, HEADER).put(HEADER, ascii("PE"));
        out.putShort(HEADER + 4, (short) 0x8664).putShort(HEADER + 6, (short) sections.size());
        out.putShort(HEADER + 20, (short) OPTIONAL_BYTES).putShort(HEADER + 22, (short) 0x206);
        int optional = HEADER + 24;
        out.putShort(optional, (short) 0x20b);
        out.putInt(optional + 32, MEMORY_ALIGNMENT).putInt(optional + 36, FILE_ALIGNMENT);
        out.putInt(optional + 60, headers).putInt(optional + 64, 0x1234);
        out.putShort(optional + 68, (short) 10).putInt(optional + 108, 16);
        int at = optional + OPTIONAL_BYTES;
        int offset = headers;
        int address = MEMORY_ALIGNMENT;
        for (Map.Entry<String, byte[]> section : sections.entrySet()) {
            byte[] bytes = section.getValue();
            out.put(at, ascii(section.getKey())).putInt(at + 8, bytes.length);
            out.putInt(at + 12, address).putInt(at + 16, aligned(bytes.length, FILE_ALIGNMENT));
            out.putInt(at + 20, offset).putInt(at + 36, 0x40000040).put(offset, bytes);
            at += 40;
            offset += aligned(bytes.length, FILE_ALIGNMENT);
            address += aligned(bytes.length, MEMORY_ALIGNMENT);
        }
        out.putInt(optional + 56, address);
        return out.array();
    }

    private static int aligned(int length, int to) {
        return (length + to - 1) / to * to;
    }

    static byte[] kernel() {
        return program(Map.of(".text", ascii("a kernel")));
    }

    /// The parts of an appliance's program, to be changed.
    static Map<String, byte[]> parts() {
        Map<String, byte[]> parts = new LinkedHashMap<>();
        parts.put(".text", ascii("a stub"));
        parts.put(".sdmagic", ascii("#### LoaderInfo: systemd-stub 252.39-1~deb12u2 ####\0"));
        parts.put(".osrel", ascii("ID=sparegrid\n"));
        parts.put(".cmdline", ascii("console=tty0 quiet"));
        parts.put(".linux", kernel());
        parts.put(".initrd", ascii("a first file system"));
        return parts;
    }
}
