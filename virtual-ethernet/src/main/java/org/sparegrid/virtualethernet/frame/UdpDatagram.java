// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.frame;

import java.util.Arrays;
import org.sparegrid.virtualethernet.network.MacAddress;

/// A UDP datagram over IPv4. Source: RFC 768.
///
/// @param sourcePort sender's port
/// @param destinationPort receiver's port
/// @param payload the data; not copied
@SuppressWarnings("ArrayRecordComponent") // lives for one packet, is never compared
public record UdpDatagram(int sourcePort, int destinationPort, byte[] payload) {
    private static final int HEADER_LENGTH = 8;

    /// Reads the payload of an IPv4 packet of protocol UDP that is no fragment.
    public static UdpDatagram parse(Ipv4Packet packet) throws FrameFormatException {
        int at = packet.payloadOffset();
        int available = packet.payloadLength();
        if (available < HEADER_LENGTH) {
            throw new FrameFormatException("udp: expected 8 bytes, got " + available);
        }
        int length = Bytes.u16(packet.bytes(), at + 4);
        if (length < HEADER_LENGTH || length > available) {
            throw new FrameFormatException(
                    "udp: expected 8 to " + available + " bytes at offset 4, got " + length);
        }
        return new UdpDatagram(
                Bytes.u16(packet.bytes(), at),
                Bytes.u16(packet.bytes(), at + 2),
                Arrays.copyOfRange(packet.bytes(), at + HEADER_LENGTH, at + length));
    }

    /// The datagram in an IPv4 packet in a frame.
    public EthernetFrame toFrame(
            MacAddress destinationMac, MacAddress sourceMac, int destination, int source) {
        int length = HEADER_LENGTH + payload.length;
        EthernetFrame frame =
                EthernetFrame.create(
                        destinationMac,
                        sourceMac,
                        EthernetFrame.IPV4,
                        Ipv4Packet.HEADER_LENGTH + length);
        byte[] out = frame.bytes();
        int ip = EthernetFrame.HEADER_LENGTH;
        int at = ip + Ipv4Packet.HEADER_LENGTH;
        Ipv4Packet.writeHeader(out, ip, length, Ipv4Packet.UDP, source, destination);
        Bytes.put16(out, at, sourcePort);
        Bytes.put16(out, at + 2, destinationPort);
        Bytes.put16(out, at + 4, length);
        System.arraycopy(payload, 0, out, at + HEADER_LENGTH, payload.length);
        long sum =
                Checksums.pseudoHeader(source, destination, Ipv4Packet.UDP, length)
                        + Checksums.sum(out, at, length);
        int checksum = Checksums.fold(sum);
        Bytes.put16(out, at + 6, checksum == 0 ? 0xffff : checksum);
        return frame;
    }
}
