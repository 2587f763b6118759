// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.userspace;

import java.util.Arrays;
import org.sparegrid.virtualethernet.frame.Bytes;
import org.sparegrid.virtualethernet.frame.Checksums;
import org.sparegrid.virtualethernet.frame.FrameFormatException;
import org.sparegrid.virtualethernet.frame.Ipv4Packet;

/// A TCP segment.
///
/// ```text
///  offset  size  field
///       0     2  source port
///       2     2  destination port
///       4     4  sequence number
///       8     4  acknowledgment number
///      12     1  header length in 4-byte words, in the upper half
///      13     1  flags
///      14     2  window
///      16     2  checksum
///      18     2  urgent pointer, ignored
///      20        options: 2 = MSS, 3 = window scale, others ignored
/// ```
///
/// Source: RFC 9293, section 3.1; RFC 7323, section 2.2.
///
/// @param sourcePort port of the sender
/// @param destinationPort port of the receiver
/// @param sequence number of the first byte, or of SYN
/// @param acknowledgment next number expected, if [#ACK] is set
/// @param flags [#FIN], [#SYN], [#RST], [#PSH], [#ACK]
/// @param window bytes the sender can take, not yet scaled
/// @param mss value of the MSS option, 0 if absent
/// @param windowShift value of the window scale option, -1 if absent
/// @param payload the data; belongs to the segment, not to be changed
@SuppressWarnings("ArrayRecordComponent") // never compared; made once per packet
record TcpSegment(
        int sourcePort,
        int destinationPort,
        int sequence,
        int acknowledgment,
        int flags,
        int window,
        int mss,
        int windowShift,
        byte[] payload) {
    static final int FIN = 0x01;
    static final int SYN = 0x02;
    static final int RST = 0x04;
    static final int PSH = 0x08;
    static final int ACK = 0x10;

    /// Bytes of a header without options.
    static final int HEADER_LENGTH = 20;

    private static final int OPTION_END = 0;
    private static final int OPTION_NONE = 1;
    private static final int OPTION_MSS = 2;
    private static final int OPTION_WINDOW_SCALE = 3;
    private static final int MSS_LENGTH = 4;
    private static final int WINDOW_SCALE_LENGTH = 3;

    /// The greatest shift that RFC 7323 allows; a larger one means this.
    static final int WINDOW_SHIFT_MAX = 14;

    /// Reads the segment that fills the payload of `packet`.
    ///
    /// @throws FrameFormatException if it contradicts itself or its checksum is wrong
    static TcpSegment parse(Ipv4Packet packet) throws FrameFormatException {
        byte[] in = packet.bytes();
        int at = packet.payloadOffset();
        int length = packet.payloadLength();
        if (length < HEADER_LENGTH) {
            throw new FrameFormatException("tcp: expected at least 20 bytes, got " + length);
        }
        int header = (Bytes.u8(in, at + 12) >>> 4) * 4;
        if (header < HEADER_LENGTH || header > length) {
            throw new FrameFormatException(
                    "tcp: expected a header of 20 to "
                            + length
                            + " bytes at offset 12, got "
                            + header);
        }
        long sum =
                Checksums.pseudoHeader(
                                packet.source(), packet.destination(), Ipv4Packet.TCP, length)
                        + Checksums.sum(in, at, length);
        if (Checksums.fold(sum) != 0) {
            throw new FrameFormatException("tcp: expected a correct checksum at offset 16");
        }
        return new TcpSegment(
                Bytes.u16(in, at),
                Bytes.u16(in, at + 2),
                Bytes.i32(in, at + 4),
                Bytes.i32(in, at + 8),
                Bytes.u8(in, at + 13),
                Bytes.u16(in, at + 14),
                mssOption(in, at, header),
                windowShiftOption(in, at, header),
                Arrays.copyOfRange(in, at + header, at + length));
    }

    private static int mssOption(byte[] in, int at, int header) throws FrameFormatException {
        int option = find(in, at, header, OPTION_MSS, MSS_LENGTH);
        return option < 0 ? 0 : Bytes.u16(in, option + 2);
    }

    private static int windowShiftOption(byte[] in, int at, int header)
            throws FrameFormatException {
        int option = find(in, at, header, OPTION_WINDOW_SCALE, WINDOW_SCALE_LENGTH);
        return option < 0 ? -1 : Math.min(Bytes.u8(in, option + 2), WINDOW_SHIFT_MAX);
    }

    /// Where the option of this kind and length begins, or -1.
    private static int find(byte[] in, int at, int header, int kind, int length)
            throws FrameFormatException {
        int option = at + HEADER_LENGTH;
        int end = at + header;
        while (option < end && in[option] != OPTION_END) {
            if (in[option] == OPTION_NONE) {
                option++;
                continue;
            }
            int stated = option + 1 < end ? Bytes.u8(in, option + 1) : 0;
            if (stated < 2 || option + stated > end) {
                throw new FrameFormatException(
                        "tcp: expected an option of 2 to "
                                + (end - option)
                                + " bytes at offset "
                                + (option - at)
                                + ", got "
                                + stated);
            }
            if (in[option] == kind && stated == length) {
                return option;
            }
            option += stated;
        }
        return -1;
    }

    /// Bytes of header and payload.
    int lengthBytes() {
        return headerLengthBytes() + payload.length;
    }

    private int headerLengthBytes() {
        return HEADER_LENGTH + (mss > 0 ? MSS_LENGTH : 0) + (windowShift >= 0 ? 4 : 0);
    }

    /// Writes the segment with its checksum at `at`.
    void write(byte[] out, int at, int source, int destination) {
        int header = headerLengthBytes();
        Bytes.put16(out, at, sourcePort);
        Bytes.put16(out, at + 2, destinationPort);
        Bytes.put32(out, at + 4, sequence);
        Bytes.put32(out, at + 8, acknowledgment);
        out[at + 12] = (byte) ((header / 4) << 4);
        out[at + 13] = (byte) flags;
        Bytes.put16(out, at + 14, window);
        Bytes.put32(out, at + 16, 0);
        int option = at + HEADER_LENGTH;
        if (mss > 0) {
            Bytes.put16(out, option, (OPTION_MSS << 8) | MSS_LENGTH);
            Bytes.put16(out, option + 2, mss);
            option += MSS_LENGTH;
        }
        if (windowShift >= 0) {
            Bytes.put16(out, option, (OPTION_NONE << 8) | OPTION_WINDOW_SCALE);
            Bytes.put16(out, option + 2, (WINDOW_SCALE_LENGTH << 8) | windowShift);
        }
        System.arraycopy(payload, 0, out, at + header, payload.length);
        long sum =
                Checksums.pseudoHeader(source, destination, Ipv4Packet.TCP, lengthBytes())
                        + Checksums.sum(out, at, lengthBytes());
        Bytes.put16(out, at + 16, Checksums.fold(sum));
    }

    /// Whether all these flags are set.
    boolean has(int wanted) {
        return (flags & wanted) == wanted;
    }

    /// How many sequence numbers it takes: its bytes, and one each for SYN and FIN.
    int sequenceLength() {
        return payload.length + (has(SYN) ? 1 : 0) + (has(FIN) ? 1 : 0);
    }
}
