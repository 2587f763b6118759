// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.capture;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// Blocks of a capture file that tcpdump and Wireshark read.
///
/// Source: draft-ietf-opsawg-pcapng, sections 3 and 4.
final class PcapNg {
    /// The type of a block that holds a frame.
    static final int ENHANCED_PACKET = 6;

    /// Bytes of a block's type and length, which stand before all else.
    static final int HEADER_LENGTH = 8;

    private static final int SECTION_HEADER = 0x0A0D0D0A;
    private static final int INTERFACE_DESCRIPTION = 1;
    private static final int INTERFACE_STATISTICS = 5;
    private static final int BYTE_ORDER_MAGIC = 0x1A2B3C4D;

    /// The kind of card whose frames are Ethernet's, and that whose frames are IP packets.
    static final int LINK_ETHERNET = 1;

    static final int LINK_RAW = 101;
    private static final int OPTION_NAME = 2;
    private static final int OPTION_TIME_RESOLUTION = 9;
    private static final int OPTION_FLAGS = 2;
    private static final int OPTION_DROPPED = 5;
    private static final int NANOSECONDS = 9;

    private PcapNg() {}

    /// What stands first in a file: that it is one, and the card whose frames follow.
    ///
    /// @param card its name
    /// @param link what its frames are
    /// @param snapBytes the most bytes that are kept of a frame
    static byte[] start(String card, int link, int snapBytes) {
        byte[] name = card.getBytes(StandardCharsets.UTF_8);
        int length = 16 + 4 + padded(name.length) + 8 + 4 + 4;
        byte[] both = new byte[28 + length];
        ByteBuffer section = over(both);
        section.putInt(SECTION_HEADER).putInt(28).putInt(BYTE_ORDER_MAGIC);
        section.putShort((short) 1).putShort((short) 0).putLong(-1).putInt(28);
        ByteBuffer description = section.slice().order(ByteOrder.LITTLE_ENDIAN);
        description.putInt(INTERFACE_DESCRIPTION).putInt(length);
        description.putShort((short) link).putShort((short) 0).putInt(snapBytes);
        option(description, OPTION_NAME, name);
        option(description, OPTION_TIME_RESOLUTION, new byte[] {NANOSECONDS});
        description.putInt(0).putInt(length);
        return both;
    }

    /// One frame.
    ///
    /// @param epochNanos when it passed
    /// @param outbound whether this computer sent it
    static byte[] frame(long epochNanos, boolean outbound, byte[] frame) {
        int length = 28 + padded(frame.length) + 8 + 4 + 4;
        byte[] block = new byte[length];
        ByteBuffer out = over(block);
        out.putInt(ENHANCED_PACKET).putInt(length).putInt(0);
        out.putInt((int) (epochNanos >>> 32)).putInt((int) epochNanos);
        out.putInt(frame.length).putInt(frame.length);
        out.put(frame).position(28 + padded(frame.length));
        option(out, OPTION_FLAGS, new byte[] {(byte) (outbound ? 2 : 1), 0, 0, 0});
        out.putInt(0).putInt(length);
        return block;
    }

    /// How many frames are missing because nobody read the capture fast enough.
    static byte[] end(long epochNanos, long dropped) {
        int length = 20 + 12 + 4 + 4;
        byte[] block = new byte[length];
        ByteBuffer out = over(block);
        out.putInt(INTERFACE_STATISTICS).putInt(length).putInt(0);
        out.putInt((int) (epochNanos >>> 32)).putInt((int) epochNanos);
        option(
                out,
                OPTION_DROPPED,
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(dropped).array());
        out.putInt(0).putInt(length);
        return block;
    }

    private static ByteBuffer over(byte[] block) {
        return ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int padded(int length) {
        return (length + 3) & ~3;
    }

    private static void option(ByteBuffer out, int code, byte[] value) {
        out.putShort((short) code).putShort((short) value.length).put(value);
        out.position(out.position() + padded(value.length) - value.length);
    }
}
