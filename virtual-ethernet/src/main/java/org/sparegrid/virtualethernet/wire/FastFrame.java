// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.wire;

import org.sparegrid.virtualethernet.frame.Bytes;

/// An Ethernet frame sealed by itself, between two endpoints that both announced it.
///
/// ```text
///  offset  size  field
///       0     4  type            5, little-endian, as in WireGuard's messages
///       4     4  receiver index  little-endian
///       8     8  counter         the nonce, little-endian
///      16     4  hint            sealed; 0, or 1 (1 byte), field (1), start (2, big-endian)
///      20     n  frame           sealed; without FCS, n >= 14
///    20+n    16  tag
/// ```
///
/// Source: docs/protocol/fast-frames.md.
public final class FastFrame {
    /// Number of this message type.
    public static final int TYPE = 5;

    /// Bytes before the sealed part.
    public static final int HEADER_LENGTH = TransportData.HEADER_LENGTH;

    /// Bytes of the hint.
    public static final int HINT_LENGTH = 4;

    private static final int UNFINISHED = 1;

    private FastFrame() {}

    /// Writes the header at `at`.
    public static void writeHeader(byte[] out, int at, int receiverIndex, long counter) {
        LittleEndian.putInt(out, at, TYPE);
        LittleEndian.putInt(out, at + 4, receiverIndex);
        LittleEndian.putLong(out, at + 8, counter);
    }

    /// Writes the hint; `start` 0 says that the checksum of the frame is complete.
    public static void writeHint(byte[] out, int at, int start, int field) {
        out[at] = (byte) (start == 0 ? 0 : UNFINISHED);
        out[at + 1] = (byte) field;
        Bytes.put16(out, at + 2, start);
    }

    /// Where the frame's checksum counts from; 0 if it is complete.
    ///
    /// @throws WireFormatException if the hint is neither empty nor that of a checksum
    public static int checksumStart(byte[] text, int at, int length) throws WireFormatException {
        if (length < HINT_LENGTH) {
            throw new WireFormatException(
                    "fast frame: expected " + HINT_LENGTH + " bytes or more, got " + length);
        }
        int hint = Bytes.i32(text, at);
        if (hint == 0) {
            return 0;
        }
        int start = hint & 0xffff;
        if (hint >>> 24 != UNFINISHED || start == 0) {
            throw new WireFormatException(
                    "fast frame: expected hint 0 or 1 at offset 0, got " + hint);
        }
        return start;
    }

    /// Where the checksum is to be put, counted from its start.
    public static int checksumField(byte[] text, int at) {
        return Bytes.u8(text, at + 1);
    }
}
