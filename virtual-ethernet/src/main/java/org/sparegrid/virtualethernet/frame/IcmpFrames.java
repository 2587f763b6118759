// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.frame;

import org.sparegrid.virtualethernet.network.MacAddress;

/// ICMP messages in frames. Source: RFC 792, RFC 1191.
public final class IcmpFrames {
    /// Type of an echo reply.
    public static final int ECHO_REPLY = 0;

    /// Type of an echo request.
    public static final int ECHO_REQUEST = 8;

    private static final int UNREACHABLE = 3;
    private static final int FRAGMENTATION_NEEDED = 4;
    private static final int PROHIBITED = 13;
    private static final int HEADER_LENGTH = 8;

    private IcmpFrames() {}

    /// An echo request with a payload of zeros.
    public static EthernetFrame echoRequest(
            MacAddress destinationMac,
            MacAddress sourceMac,
            int destination,
            int source,
            int identifier,
            int sequence) {
        int length = HEADER_LENGTH + 48;
        EthernetFrame frame = create(destinationMac, sourceMac, destination, source, length);
        byte[] out = frame.bytes();
        int at = EthernetFrame.HEADER_LENGTH + Ipv4Packet.HEADER_LENGTH;
        out[at] = ECHO_REQUEST;
        Bytes.put16(out, at + 4, identifier);
        Bytes.put16(out, at + 6, sequence);
        Bytes.put16(out, at + 2, Checksums.of(out, at, length));
        return frame;
    }

    /// The answer to an echo request, sent from the address that was asked.
    public static EthernetFrame echoReply(
            EthernetFrame request, Ipv4Packet packet, MacAddress sourceMac) {
        int length = packet.payloadLength();
        EthernetFrame frame =
                create(
                        new MacAddress(request.source()),
                        sourceMac,
                        /* destination= */ packet.source(),
                        /* source= */ packet.destination(),
                        length);
        byte[] out = frame.bytes();
        int at = EthernetFrame.HEADER_LENGTH + Ipv4Packet.HEADER_LENGTH;
        System.arraycopy(packet.bytes(), packet.payloadOffset(), out, at, length);
        out[at] = ECHO_REPLY;
        Bytes.put16(out, at + 2, 0);
        Bytes.put16(out, at + 2, Checksums.of(out, at, length));
        return frame;
    }

    /// Tells the sender of `packet` that packets on this path are at most `mtu` bytes.
    public static EthernetFrame fragmentationNeeded(
            EthernetFrame offending, Ipv4Packet packet, MacAddress from, int fromAddress, int mtu) {
        return unreachable(offending, packet, from, fromAddress, FRAGMENTATION_NEEDED, mtu);
    }

    /// Tells the sender of `packet` that nobody passes it on.
    public static EthernetFrame prohibited(
            EthernetFrame offending, Ipv4Packet packet, MacAddress from, int fromAddress) {
        return unreachable(offending, packet, from, fromAddress, PROHIBITED, 0);
    }

    private static EthernetFrame unreachable(
            EthernetFrame offending,
            Ipv4Packet packet,
            MacAddress from,
            int fromAddress,
            int code,
            int mtu) {
        int quoted = packet.headerLength() + Math.min(8, packet.payloadLength());
        int length = HEADER_LENGTH + quoted;
        EthernetFrame frame =
                create(
                        new MacAddress(offending.source()),
                        from,
                        packet.source(),
                        fromAddress,
                        length);
        byte[] out = frame.bytes();
        int at = EthernetFrame.HEADER_LENGTH + Ipv4Packet.HEADER_LENGTH;
        out[at] = UNREACHABLE;
        out[at + 1] = (byte) code;
        Bytes.put16(out, at + 6, mtu);
        System.arraycopy(packet.bytes(), packet.offset(), out, at + HEADER_LENGTH, quoted);
        Bytes.put16(out, at + 2, Checksums.of(out, at, length));
        return frame;
    }

    /// Whether an ICMP packet is long enough to have an identifier and is of this type.
    public static boolean isEcho(Ipv4Packet packet, int type) {
        return packet.protocol() == Ipv4Packet.ICMP
                && !packet.isLaterFragment()
                && packet.payloadLength() >= HEADER_LENGTH
                && Bytes.u8(packet.bytes(), packet.payloadOffset()) == type;
    }

    /// The identifier and, below it, the sequence number of an echo message.
    public static int echoLabel(Ipv4Packet packet) {
        return Bytes.i32(packet.bytes(), packet.payloadOffset() + 4);
    }

    private static EthernetFrame create(
            MacAddress destinationMac,
            MacAddress sourceMac,
            int destination,
            int source,
            int length) {
        EthernetFrame frame =
                EthernetFrame.create(
                        destinationMac,
                        sourceMac,
                        EthernetFrame.IPV4,
                        Ipv4Packet.HEADER_LENGTH + length);
        Ipv4Packet.writeHeader(
                frame.bytes(),
                EthernetFrame.HEADER_LENGTH,
                length,
                Ipv4Packet.ICMP,
                source,
                destination);
        return frame;
    }
}
