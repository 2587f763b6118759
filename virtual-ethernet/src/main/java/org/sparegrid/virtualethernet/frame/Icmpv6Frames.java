// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.frame;

import org.sparegrid.virtualethernet.network.MacAddress;

/// Makes ICMPv6 messages. Source: RFC 4443.
public final class Icmpv6Frames {
    private static final int PACKET_TOO_BIG = 2;
    private static final int ICMPV6 = 58;
    private static final int HEADER_LENGTH = 40;

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
        int length = 8 + quoted;
        EthernetFrame frame =
                EthernetFrame.create(
                        new MacAddress(offending.source()),
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
        System.arraycopy(in, packet + 8, out, ip + 24, 16);
        int at = ip + HEADER_LENGTH;
        out[at] = PACKET_TOO_BIG;
        Bytes.put32(out, at + 4, mtu);
        System.arraycopy(in, packet, out, at + 8, quoted);
        long sum =
                Checksums.sum(out, ip + 8, 32) + length + ICMPV6 + Checksums.sum(out, at, length);
        Bytes.put16(out, at + 2, Checksums.fold(sum));
        return frame;
    }

    private static void linkLocal(MacAddress mac, byte[] out, int at) {
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
