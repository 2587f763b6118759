// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.frame;

/// An IPv4 packet inside a larger array. Source: RFC 791.
public final class Ipv4Packet {
    /// Length of a header without options.
    public static final int HEADER_LENGTH = 20;

    /// Protocol number of ICMP.
    public static final int ICMP = 1;

    /// Protocol number of TCP.
    public static final int TCP = 6;

    /// Protocol number of UDP.
    public static final int UDP = 17;

    private final byte[] bytes;
    private final int offset;

    private Ipv4Packet(byte[] bytes, int offset) {
        this.bytes = bytes;
        this.offset = offset;
    }

    /// Reads the packet that a frame of type IPv4 carries.
    public static Ipv4Packet parse(EthernetFrame frame) throws FrameFormatException {
        return parse(frame.bytes(), frame.payloadOffset(), frame.end());
    }

    /// Reads the packet at `offset`; what follows it is padding.
    public static Ipv4Packet parse(byte[] bytes, int offset) throws FrameFormatException {
        return parse(bytes, offset, bytes.length);
    }

    private static Ipv4Packet parse(byte[] bytes, int offset, int end) throws FrameFormatException {
        int available = end - offset;
        if (available < HEADER_LENGTH) {
            throw new FrameFormatException("ipv4: expected 20 bytes, got " + available);
        }
        int version = Bytes.u8(bytes, offset) >>> 4;
        if (version != 4) {
            throw new FrameFormatException("ipv4: expected version 4 at offset 0, got " + version);
        }
        Ipv4Packet packet = new Ipv4Packet(bytes, offset);
        int header = packet.headerLength();
        int total = packet.totalLength();
        if (header < HEADER_LENGTH || total < header || total > available) {
            throw new FrameFormatException(
                    "ipv4: expected header <= total <= "
                            + available
                            + " bytes at offset 2, got "
                            + header
                            + " and "
                            + total);
        }
        return packet;
    }

    /// Writes a header without options for a payload that is already in its place.
    public static void writeHeader(
            byte[] out, int offset, int payloadLength, int protocol, int source, int destination) {
        Bytes.put16(out, offset, 0x4500);
        Bytes.put16(out, offset + 2, HEADER_LENGTH + payloadLength);
        Bytes.put16(out, offset + 4, 0);
        Bytes.put16(out, offset + 6, 0x4000);
        out[offset + 8] = 64;
        out[offset + 9] = (byte) protocol;
        Bytes.put32(out, offset + 12, source);
        Bytes.put32(out, offset + 16, destination);
        Bytes.put16(out, offset + 10, 0);
        Bytes.put16(out, offset + 10, Checksums.of(out, offset, HEADER_LENGTH));
    }

    /// Lets others divide the packet whose header [#writeHeader] has written.
    ///
    /// @param identification by which its fragments are told from those of others, 16 bits
    public static void letDivide(byte[] out, int offset, int identification) {
        Bytes.put16(out, offset + 4, identification);
        Bytes.put16(out, offset + 6, 0);
        Bytes.put16(out, offset + 10, 0);
        Bytes.put16(out, offset + 10, Checksums.of(out, offset, HEADER_LENGTH));
    }

    /// Where the packet begins in its array.
    public int offset() {
        return offset;
    }

    /// The array that holds the packet.
    public byte[] bytes() {
        return bytes;
    }

    /// Bytes before the payload.
    public int headerLength() {
        return (bytes[offset] & 0x0f) * 4;
    }

    /// Bytes of header and payload.
    public int totalLength() {
        return Bytes.u16(bytes, offset + 2);
    }

    /// Where the payload begins in the array.
    public int payloadOffset() {
        return offset + headerLength();
    }

    /// Bytes of payload.
    public int payloadLength() {
        return totalLength() - headerLength();
    }

    /// Whether routers must not divide it.
    public boolean dontFragment() {
        return (bytes[offset + 6] & 0x40) != 0;
    }

    /// Whether it is a fragment that does not begin the original packet.
    public boolean isLaterFragment() {
        return fragmentOffsetBytes() != 0;
    }

    /// Whether fragments follow it.
    public boolean hasMoreFragments() {
        return (bytes[offset + 6] & 0x20) != 0;
    }

    /// Where its payload was in the original packet.
    public int fragmentOffsetBytes() {
        return (Bytes.u16(bytes, offset + 6) & 0x1fff) * 8;
    }

    /// The protocol number of the payload.
    public int protocol() {
        return Bytes.u8(bytes, offset + 9);
    }

    /// Sender's address.
    public int source() {
        return Bytes.i32(bytes, offset + 12);
    }

    /// Receiver's address.
    public int destination() {
        return Bytes.i32(bytes, offset + 16);
    }
}
