// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.frame;

import java.util.OptionalLong;
import org.sparegrid.virtualethernet.network.MacAddress;

/// ICMPv6 messages in frames. Sources: RFC 4443, RFC 4861.
public final class Icmpv6Frames {
    private static final int PACKET_TOO_BIG = 2;
    private static final int ROUTER_SOLICITATION = 133;
    private static final int ROUTER_ADVERTISEMENT = 134;
    private static final int NEIGHBOUR_SOLICITATION = 135;
    private static final int NEIGHBOUR_ADVERTISEMENT = 136;
    private static final int ICMPV6 = 58;
    private static final int HEADER_LENGTH = 40;
    private static final long LINK_LOCAL = 0xfe80_0000_0000_0000L;
    private static final MacAddress ALL_NODES_MAC = new MacAddress(0x3333_0000_0001L);

    /// An error message is at most 1,280 bytes long (section 2.4).
    private static final int QUOTED_MAX = 1280 - HEADER_LENGTH - 8;

    private Icmpv6Frames() {}

    /// Tells the sender of an IPv6 packet that packets on this path are at most `mtu` bytes.
    ///
    /// @param from whose link-local address it is sent from
    public static EthernetFrame packetTooBig(EthernetFrame offending, MacAddress from, int mtu)
            throws FrameFormatException {
        byte[] in = offending.bytes();
        int packet = offending.payloadOffset();
        if (offending.end() < packet + HEADER_LENGTH) {
            throw new FrameFormatException("ipv6: expected a header of 40 bytes");
        }
        int quoted = Math.min(QUOTED_MAX, offending.end() - packet);
        EthernetFrame frame = answer(offending, from, 8 + quoted);
        byte[] out = frame.bytes();
        int at = frame.payloadOffset() + HEADER_LENGTH;
        out[at] = PACKET_TOO_BIG;
        Bytes.put32(out, at + 4, mtu);
        System.arraycopy(in, packet, out, at + 8, quoted);
        return finish(frame);
    }

    /// Whose Ethernet address a station asks its neighbours for, as the bits of the [MacAddress]
    /// from which the link-local address was made; empty for any other frame.
    public static OptionalLong solicitedNeighbour(EthernetFrame frame) {
        byte[] in = frame.bytes();
        int at = frame.payloadOffset() + HEADER_LENGTH;
        if (!isDiscovery(frame, NEIGHBOUR_SOLICITATION, 24)
                || Bytes.i64(in, at + 8) != LINK_LOCAL) {
            return OptionalLong.empty();
        }
        long identifier = Bytes.i64(in, at + 16) ^ 0x0200_0000_0000_0000L;
        return (identifier >>> 24 & 0xffff) == 0xfffe
                ? OptionalLong.of(
                        (identifier >>> 16 & 0xffff_ff00_0000L) | (identifier & 0xff_ffff))
                : OptionalLong.empty();
    }

    /// Whether a station asks for routers.
    public static boolean isRouterSolicitation(EthernetFrame frame) {
        return isDiscovery(frame, ROUTER_SOLICITATION, 8);
    }

    /// Answers a solicitation: the link-local address made from `owner` is there.
    public static EthernetFrame neighbourAdvertisement(
            EthernetFrame solicitation, MacAddress owner) {
        EthernetFrame frame = answer(solicitation, owner, 32);
        byte[] out = frame.bytes();
        int at = frame.payloadOffset() + HEADER_LENGTH;
        out[at] = (byte) NEIGHBOUR_ADVERTISEMENT;
        // Override; and solicited, unless the question was whether the address is free.
        out[at + 4] = (byte) (isForAll(frame) ? 0x20 : 0x60);
        linkLocal(owner, out, at + 8);
        out[at + 24] = 2;
        out[at + 25] = 1;
        owner.write(out, at + 26);
        return finish(frame);
    }

    /// Answers a solicitation: there is no router for IPv6, and packets are at most `mtu` bytes.
    public static EthernetFrame routerAdvertisement(
            EthernetFrame solicitation, MacAddress from, int mtu) {
        EthernetFrame frame = answer(solicitation, from, 24);
        byte[] out = frame.bytes();
        int at = frame.payloadOffset() + HEADER_LENGTH;
        out[at] = (byte) ROUTER_ADVERTISEMENT;
        out[at + 16] = 5;
        out[at + 17] = 1;
        Bytes.put32(out, at + 20, mtu);
        return finish(frame);
    }

    private static boolean isDiscovery(EthernetFrame frame, int type, int length) {
        byte[] in = frame.bytes();
        int ip = frame.payloadOffset();
        return frame.type() == EthernetFrame.IPV6
                && frame.end() >= ip + HEADER_LENGTH + length
                && Bytes.u16(in, ip + 4) >= length
                && in[ip + 6] == ICMPV6
                && in[ip + 7] == (byte) 255
                && in[ip + HEADER_LENGTH] == (byte) type;
    }

    /// An ICMPv6 frame to the sender of `question`, or to all nodes if it has no address yet, with
    /// room for `length` bytes.
    private static EthernetFrame answer(EthernetFrame question, MacAddress from, int length) {
        byte[] in = question.bytes();
        int packet = question.payloadOffset();
        boolean known = Bytes.i64(in, packet + 8) != 0 || Bytes.i64(in, packet + 16) != 0;
        EthernetFrame frame =
                EthernetFrame.create(
                        known ? new MacAddress(question.source()) : ALL_NODES_MAC,
                        from,
                        EthernetFrame.IPV6,
                        HEADER_LENGTH + length);
        byte[] out = frame.bytes();
        int ip = frame.payloadOffset();
        Bytes.put32(out, ip, 0x6000_0000);
        Bytes.put16(out, ip + 4, length);
        out[ip + 6] = ICMPV6;
        out[ip + 7] = (byte) 255;
        linkLocal(from, out, ip + 8);
        if (known) {
            System.arraycopy(in, packet + 8, out, ip + 24, 16);
        } else {
            Bytes.put16(out, ip + 24, 0xff02);
            out[ip + 39] = 1;
        }
        return frame;
    }

    private static boolean isForAll(EthernetFrame frame) {
        return frame.destination() == ALL_NODES_MAC.bits();
    }

    private static EthernetFrame finish(EthernetFrame frame) {
        byte[] out = frame.bytes();
        int ip = frame.payloadOffset();
        int at = ip + HEADER_LENGTH;
        int length = frame.end() - at;
        long sum =
                Checksums.sum(out, ip + 8, 32) + length + ICMPV6 + Checksums.sum(out, at, length);
        Bytes.put16(out, at + 2, Checksums.fold(sum));
        return frame;
    }

    static void linkLocal(MacAddress mac, byte[] out, int at) {
        Bytes.put32(out, at, 0xfe80_0000);
        mac.write(out, at + 8);
        byte[] bits = new byte[6];
        mac.write(bits, 0);
        System.arraycopy(bits, 0, out, at + 8, 3);
        System.arraycopy(bits, 3, out, at + 13, 3);
        out[at + 8] ^= 2;
        out[at + 11] = (byte) 0xff;
        out[at + 12] = (byte) 0xfe;
    }
}
