// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.frame;

import org.sparegrid.virtualethernet.network.MacAddress;

/// An Ethernet frame inside an array: destination 6, source 6, type 2, payload.
public final class EthernetFrame {
    /// Bytes before the payload.
    public static final int HEADER_LENGTH = 14;

    /// The longest frame, which a 64 KB packet fills.
    public static final int LENGTH_MAX = 65_550;

    /// Type of IPv4 packets.
    public static final int IPV4 = 0x0800;

    /// Type of ARP packets.
    public static final int ARP = 0x0806;

    /// Type of IPv6 packets.
    public static final int IPV6 = 0x86dd;

    private final byte[] bytes;
    private final int offset;
    private final int length;

    private EthernetFrame(byte[] bytes, int offset, int length) {
        this.bytes = bytes;
        this.offset = offset;
        this.length = length;
    }

    /// Reads a frame that fills the array, which is the frame's from now on.
    public static EthernetFrame parse(byte[] bytes) throws FrameFormatException {
        return parse(bytes, 0, bytes.length);
    }

    /// Reads the frame of `length` bytes at `offset`, which is valid while the array is unchanged.
    public static EthernetFrame parse(byte[] bytes, int offset, int length)
            throws FrameFormatException {
        if (length < HEADER_LENGTH || length > LENGTH_MAX) {
            throw new FrameFormatException("ethernet: expected 14 to 65550 bytes, got " + length);
        }
        return new EthernetFrame(bytes, offset, length);
    }

    /// A frame with room for `payloadLength` bytes behind its header.
    public static EthernetFrame create(
            MacAddress destination, MacAddress source, int type, int payloadLength) {
        byte[] bytes = new byte[HEADER_LENGTH + payloadLength];
        destination.write(bytes, 0);
        source.write(bytes, 6);
        Bytes.put16(bytes, 12, type);
        return new EthernetFrame(bytes, 0, bytes.length);
    }

    /// The array that holds the frame.
    public byte[] bytes() {
        return bytes;
    }

    /// Where the frame begins in its array.
    public int offset() {
        return offset;
    }

    /// Where the payload begins in the array.
    public int payloadOffset() {
        return offset + HEADER_LENGTH;
    }

    /// Where the frame ends in its array.
    public int end() {
        return offset + length;
    }

    /// Length with the header.
    public int length() {
        return length;
    }

    /// Whom it is for, as the bits of a [MacAddress].
    public long destination() {
        return MacAddress.bits(bytes, offset);
    }

    /// Who says to have sent it, as the bits of a [MacAddress].
    public long source() {
        return MacAddress.bits(bytes, offset + 6);
    }

    /// The type, or the length of an IEEE 802.3 frame when at most 1500.
    public int type() {
        return Bytes.u16(bytes, offset + 12);
    }

    /// Whether it is for more than one station.
    public boolean isForGroup() {
        return (bytes[offset] & 1) != 0;
    }
}
