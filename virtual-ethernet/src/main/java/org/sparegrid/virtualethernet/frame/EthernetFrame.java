// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.frame;

import org.sparegrid.virtualethernet.network.MacAddress;

/// An Ethernet frame: destination 6, source 6, type 2, payload. It owns its array.
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

    private EthernetFrame(byte[] bytes) {
        this.bytes = bytes;
    }

    /// Reads a frame; the array is the frame's from now on.
    public static EthernetFrame parse(byte[] bytes) throws FrameFormatException {
        if (bytes.length < HEADER_LENGTH || bytes.length > LENGTH_MAX) {
            throw new FrameFormatException(
                    "ethernet: expected 14 to 65550 bytes, got " + bytes.length);
        }
        return new EthernetFrame(bytes);
    }

    /// A frame with room for `payloadLength` bytes behind its header.
    public static EthernetFrame create(
            MacAddress destination, MacAddress source, int type, int payloadLength) {
        byte[] bytes = new byte[HEADER_LENGTH + payloadLength];
        destination.write(bytes, 0);
        source.write(bytes, 6);
        Bytes.put16(bytes, 12, type);
        return new EthernetFrame(bytes);
    }

    /// The frame's own array.
    public byte[] bytes() {
        return bytes;
    }

    /// Length with the header.
    public int length() {
        return bytes.length;
    }

    /// Whom it is for, as the bits of a [MacAddress].
    public long destination() {
        return MacAddress.bits(bytes, 0);
    }

    /// Who says to have sent it, as the bits of a [MacAddress].
    public long source() {
        return MacAddress.bits(bytes, 6);
    }

    /// The type, or the length of an IEEE 802.3 frame when at most 1500.
    public int type() {
        return Bytes.u16(bytes, 12);
    }

    /// Whether it is for more than one station.
    public boolean isForGroup() {
        return (bytes[0] & 1) != 0;
    }
}
