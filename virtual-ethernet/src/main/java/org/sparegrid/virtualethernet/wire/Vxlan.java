// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.wire;

import org.sparegrid.virtualethernet.frame.Bytes;
import org.sparegrid.virtualethernet.frame.Ipv4Packet;

/// A frame in VXLAN in UDP in IPv4, as a WireGuard packet carries it.
///
/// ```text
///  offset  size  field
///       0    20  IPv4   from VTEP to VTEP, DF, TTL 64, protocol 17
///      20     8  UDP    source 49152 + a hash of the flow, destination 4789, checksum 0
///      28     8  VXLAN  08 00 00 00, VNI of 24 bits, 00
///      36     n  frame
/// ```
///
/// Source: RFC 7348, section 5.
///
/// @param source address of the sender's VTEP
/// @param destination address of the receiver's VTEP
/// @param vni network identifier
/// @param frameOffset where the frame begins in the array of the packet
/// @param frameLength its bytes
public record Vxlan(int source, int destination, int vni, int frameOffset, int frameLength) {
    /// Bytes before the frame.
    public static final int OVERHEAD = 36;

    /// The UDP port of VXLAN.
    public static final int PORT = 4789;

    private static final int FLAGS_WITH_VNI = 0x0800_0000;

    /// Reads the packet of `length` bytes at `offset`; bytes behind the length in its IPv4 header
    /// are padding.
    public static Vxlan parse(byte[] packet, int offset, int length) throws WireFormatException {
        check(length >= OVERHEAD, "at least 36 bytes", length);
        check(packet[offset] == 0x45, "an IPv4 header of 20 bytes at offset 0", packet[offset]);
        int total = Bytes.u16(packet, offset + 2);
        check(total >= OVERHEAD && total <= length, "the length of the packet at offset 2", total);
        check(
                (Bytes.u16(packet, offset + 6) & 0x3fff) == 0,
                "no fragment at offset 6",
                Bytes.u16(packet, offset + 6));
        check(packet[offset + 9] == Ipv4Packet.UDP, "UDP at offset 9", packet[offset + 9]);
        check(
                Bytes.u16(packet, offset + 22) == PORT,
                "port 4789 at offset 22",
                Bytes.u16(packet, offset + 22));
        check(
                Bytes.u16(packet, offset + 24) == total - 20,
                "the length of the datagram at offset 24",
                Bytes.u16(packet, offset + 24));
        check(
                (packet[offset + 28] & 0x08) != 0,
                "the flag of a valid VNI at offset 28",
                packet[offset + 28]);
        return new Vxlan(
                Bytes.i32(packet, offset + 12),
                Bytes.i32(packet, offset + 16),
                Bytes.i32(packet, offset + 32) >>> 8,
                offset + OVERHEAD,
                total - OVERHEAD);
    }

    /// Writes what comes before a frame that is already in its place, 36 bytes behind `at`.
    public static void writeHeaders(
            byte[] out, int at, int source, int destination, int vni, int frameLength) {
        int datagram = OVERHEAD - Ipv4Packet.HEADER_LENGTH + frameLength;
        Ipv4Packet.writeHeader(out, at, datagram, Ipv4Packet.UDP, source, destination);
        Bytes.put16(out, at + 20, 49_152 + (flowHash(out, at + OVERHEAD, frameLength) & 0x3fff));
        Bytes.put16(out, at + 22, PORT);
        Bytes.put16(out, at + 24, datagram);
        Bytes.put16(out, at + 26, 0);
        Bytes.put32(out, at + 28, FLAGS_WITH_VNI);
        Bytes.put32(out, at + 32, vni << 8);
    }

    /// The same for all frames of a flow: MAC addresses, type, and addresses and ports if any.
    private static int flowHash(byte[] in, int at, int length) {
        int hash = 1;
        if (length >= 38) {
            hash = 31 * hash + Bytes.i32(in, at + 2);
            hash = 31 * hash + Bytes.i32(in, at + 8);
            hash = 31 * hash + Bytes.i32(in, at + 26);
            hash = 31 * hash + Bytes.i32(in, at + 30);
            hash = 31 * hash + Bytes.i32(in, at + 34);
        }
        return hash ^ (hash >>> 14);
    }

    private static void check(boolean holds, String expected, int got) throws WireFormatException {
        if (!holds) {
            throw new WireFormatException("vxlan: expected " + expected + ", got " + got);
        }
    }
}
