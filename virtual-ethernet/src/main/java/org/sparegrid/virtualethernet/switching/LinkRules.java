// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.switching;

import java.util.Optional;
import org.sparegrid.virtualethernet.frame.Bytes;
import org.sparegrid.virtualethernet.frame.EthernetFrame;
import org.sparegrid.virtualethernet.frame.FrameFormatException;
import org.sparegrid.virtualethernet.frame.Ipv4Packet;
import org.sparegrid.virtualethernet.meter.DropReason;

/// Frames that nobody may send over the overlay, whoever it is.
final class LinkRules {
    /// Destinations 01:80:c2:00:00:00 to 0f never pass a bridge (IEEE 802.1D).
    private static final long LINK_LOCAL_GROUP = 0x0180_c200_0000L;

    /// The port of name servers.
    static final int DNS = 53;

    private static final int DHCP_SERVER = 67;
    private static final int DHCP_CLIENT = 68;
    private static final int ICMPV6 = 58;
    private static final int FRAGMENT = 44;
    private static final int EXTENSIONS_MAX = 8;

    private LinkRules() {}

    /// Why `frame` must be dropped, if it must.
    static Optional<DropReason> judge(EthernetFrame frame) throws FrameFormatException {
        if ((frame.destination() & ~0xfL) == LINK_LOCAL_GROUP) {
            return Optional.of(DropReason.LINK_CONTROL);
        }
        return switch (frame.type()) {
            case 0x8100, 0x88a8, 0x9100 -> Optional.of(DropReason.VLAN_TAG);
            case 0x8808, 0x88cc -> Optional.of(DropReason.LINK_CONTROL);
            case EthernetFrame.IPV4 -> judge(Ipv4Packet.parse(frame));
            case EthernetFrame.IPV6 -> judgeIpv6(frame);
            default -> Optional.empty();
        };
    }

    /// Whether `packet` is a UDP datagram, or its first fragment, to `port`.
    static boolean isUdpTo(Ipv4Packet packet, int port) {
        return packet.protocol() == Ipv4Packet.UDP
                && !packet.isLaterFragment()
                && packet.payloadLength() >= 8
                && Bytes.u16(packet.bytes(), packet.payloadOffset() + 2) == port;
    }

    /// Whether a frame is a DHCP server's answer in one piece.
    static boolean isDhcpAnswer(EthernetFrame frame) throws FrameFormatException {
        if (frame.type() != EthernetFrame.IPV4) {
            return false;
        }
        Ipv4Packet packet = Ipv4Packet.parse(frame);
        return isWholeUdp(packet)
                && Bytes.u16(packet.bytes(), packet.payloadOffset()) == DHCP_SERVER
                && Bytes.u16(packet.bytes(), packet.payloadOffset() + 2) == DHCP_CLIENT;
    }

    /// Whether a frame is an answer that was asked of the name server at `service`.
    static boolean isDnsAnswer(EthernetFrame frame, int service) throws FrameFormatException {
        if (frame.type() != EthernetFrame.IPV4) {
            return false;
        }
        Ipv4Packet packet = Ipv4Packet.parse(frame);
        return packet.source() == service
                && isWholeUdp(packet)
                && Bytes.u16(packet.bytes(), packet.payloadOffset()) == DNS;
    }

    /// Whether a frame is a question to the name server at `service`.
    static boolean isDnsQuestion(EthernetFrame frame, int service) throws FrameFormatException {
        Ipv4Packet packet = Ipv4Packet.parse(frame);
        return packet.destination() == service && isWholeUdp(packet) && isUdpTo(packet, DNS);
    }

    private static boolean isWholeUdp(Ipv4Packet packet) {
        return packet.protocol() == Ipv4Packet.UDP
                && !packet.isLaterFragment()
                && !packet.hasMoreFragments()
                && packet.payloadLength() >= 8;
    }

    private static Optional<DropReason> judge(Ipv4Packet packet) {
        if (packet.protocol() != Ipv4Packet.UDP || packet.isLaterFragment()) {
            return Optional.empty();
        }
        if (packet.payloadLength() < 8) {
            return Optional.of(DropReason.MALFORMED);
        }
        int source = Bytes.u16(packet.bytes(), packet.payloadOffset());
        int destination = Bytes.u16(packet.bytes(), packet.payloadOffset() + 2);
        return source == 67 || destination == 68
                ? Optional.of(DropReason.ROGUE_DHCP)
                : Optional.empty();
    }

    /// Looks behind extension headers, where a router advertisement could hide (RFC 7113).
    private static Optional<DropReason> judgeIpv6(EthernetFrame frame) {
        byte[] in = frame.bytes();
        int end = frame.end();
        int at = frame.payloadOffset() + 40;
        if (end < at || (in[frame.payloadOffset()] & 0xf0) != 0x60) {
            return Optional.of(DropReason.MALFORMED);
        }
        int header = Bytes.u8(in, frame.payloadOffset() + 6);
        for (int i = 0; i < EXTENSIONS_MAX; i++) {
            if (at + 8 > end) {
                // No next header is the only one that may end a packet early.
                return header == 59 ? Optional.empty() : Optional.of(DropReason.MALFORMED);
            }
            switch (header) {
                case 0, 43, 60 -> {
                    header = Bytes.u8(in, at);
                    at += 8 + 8 * Bytes.u8(in, at + 1);
                }
                case FRAGMENT -> {
                    if ((Bytes.u16(in, at + 2) & 0xfff8) != 0) {
                        return Optional.empty();
                    }
                    header = Bytes.u8(in, at);
                    at += 8;
                }
                default -> {
                    return judgeUpper(in, header, at);
                }
            }
        }
        return Optional.of(DropReason.MALFORMED);
    }

    private static Optional<DropReason> judgeUpper(byte[] in, int header, int at) {
        if (header == ICMPV6 && (in[at] == (byte) 134 || in[at] == (byte) 137)) {
            return Optional.of(DropReason.ROUTER_ADVERTISEMENT);
        }
        boolean dhcpServer =
                header == Ipv4Packet.UDP
                        && (Bytes.u16(in, at) == 547 || Bytes.u16(in, at + 2) == 546);
        return dhcpServer ? Optional.of(DropReason.ROGUE_DHCP) : Optional.empty();
    }
}
