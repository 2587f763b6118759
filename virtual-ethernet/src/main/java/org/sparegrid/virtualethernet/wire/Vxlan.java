// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.wire;

import java.util.Arrays;
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
/// @param frame the Ethernet frame; not copied
@SuppressWarnings("ArrayRecordComponent") // lives for one packet, is never compared
public record Vxlan(int source, int destination, int vni, byte[] frame) {
    /// Bytes before the frame.
    public static final int OVERHEAD = 36;

    /// The UDP port of VXLAN.
    public static final int PORT = 4789;

    private static final int FLAGS_WITH_VNI = 0x0800_0000;

    /// Reads a packet; bytes behind the length in its IPv4 header are padding.
    public static Vxlan parse(byte[] packet) throws WireFormatException {
        check(packet.length >= OVERHEAD, "at least 36 bytes", packet.length);
        check(packet[0] == 0x45, "an IPv4 header of 20 bytes at offset 0", packet[0]);
        int total = Bytes.u16(packet, 2);
        check(
                total >= OVERHEAD && total <= packet.length,
                "the length of the packet at offset 2",
                total);
        check(
                (Bytes.u16(packet, 6) & 0x3fff) == 0,
                "no fragment at offset 6",
                Bytes.u16(packet, 6));
        check(packet[9] == Ipv4Packet.UDP, "UDP at offset 9", packet[9]);
        check(Bytes.u16(packet, 22) == PORT, "port 4789 at offset 22", Bytes.u16(packet, 22));
        check(
                Bytes.u16(packet, 24) == total - 20,
                "the length of the datagram at offset 24",
                Bytes.u16(packet, 24));
        check((packet[28] & 0x08) != 0, "the flag of a valid VNI at offset 28", packet[28]);
        return new Vxlan(
                Bytes.i32(packet, 12),
                Bytes.i32(packet, 16),
                Bytes.i32(packet, 32) >>> 8,
                Arrays.copyOfRange(packet, OVERHEAD, total));
    }

    /// The packet.
    public byte[] toBytes() {
        byte[] out = new byte[OVERHEAD + frame.length];
        int datagram = out.length - Ipv4Packet.HEADER_LENGTH;
        Ipv4Packet.writeHeader(out, 0, datagram, Ipv4Packet.UDP, source, destination);
        Bytes.put16(out, 20, 49_152 + (flowHash() & 0x3fff));
        Bytes.put16(out, 22, PORT);
        Bytes.put16(out, 24, datagram);
        Bytes.put32(out, 28, FLAGS_WITH_VNI);
        Bytes.put32(out, 32, vni << 8);
        System.arraycopy(frame, 0, out, OVERHEAD, frame.length);
        return out;
    }

    /// The same for all frames of a flow: MAC addresses, type, and addresses and ports if any.
    private int flowHash() {
        int hash = 1;
        for (int i = 0; i < Math.min(frame.length, 14); i++) {
            hash = 31 * hash + frame[i];
        }
        for (int i = 26; i < Math.min(frame.length, 38); i++) {
            hash = 31 * hash + frame[i];
        }
        return hash ^ (hash >>> 14);
    }

    private static void check(boolean holds, String expected, int got) throws WireFormatException {
        if (!holds) {
            throw new WireFormatException("vxlan: expected " + expected + ", got " + got);
        }
    }
}
