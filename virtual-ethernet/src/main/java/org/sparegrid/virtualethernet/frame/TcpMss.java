// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.frame;

/// Lowers the maximum segment size that a TCP SYN announces, so that segments fit the network.
public final class TcpMss {
    private static final int SYN = 0x02;
    private static final int OPTION_END = 0;
    private static final int OPTION_NOTHING = 1;
    private static final int OPTION_MSS = 2;
    private static final int HEADER_LENGTH = 20;

    private TcpMss() {}

    /// Whether `packet` has a SYN, which [#clamp] might change. Its checksum must be complete then.
    public static boolean concerns(Ipv4Packet packet) {
        return packet.protocol() == Ipv4Packet.TCP
                && !packet.isLaterFragment()
                && packet.payloadLength() >= HEADER_LENGTH
                && (packet.bytes()[packet.payloadOffset() + 13] & SYN) != 0;
    }

    /// Changes the SYN inside `packet` in its place if it announces more than fits into `mtu`.
    public static void clamp(Ipv4Packet packet, int mtu) {
        if (!concerns(packet)) {
            return;
        }
        byte[] bytes = packet.bytes();
        int tcp = packet.payloadOffset();
        int end = tcp + Math.min((Bytes.u8(bytes, tcp + 12) >>> 4) * 4, packet.payloadLength());
        int at = tcp + HEADER_LENGTH;
        while (at + 1 < end && bytes[at] != OPTION_END) {
            if (bytes[at] == OPTION_NOTHING) {
                at++;
                continue;
            }
            int length = Bytes.u8(bytes, at + 1);
            if (bytes[at] == OPTION_MSS && length == 4 && at + 4 <= end) {
                lower(bytes, tcp, at + 2, mtu - 40);
                return;
            }
            at += Math.max(length, 2);
        }
    }

    /// Replaces the value, which need not be aligned, and updates the checksum (RFC 1624).
    private static void lower(byte[] bytes, int tcp, int at, int largest) {
        int announced = Bytes.u16(bytes, at);
        if (announced <= largest) {
            return;
        }
        Bytes.put16(bytes, at, largest);
        boolean swapped = ((at - tcp) & 1) != 0;
        int before =
                swapped ? Short.toUnsignedInt(Short.reverseBytes((short) announced)) : announced;
        int after = swapped ? Short.toUnsignedInt(Short.reverseBytes((short) largest)) : largest;
        int old = Bytes.u16(bytes, tcp + 16);
        long sum = (~old & 0xffffL) + (~before & 0xffffL) + after;
        Bytes.put16(bytes, tcp + 16, Checksums.fold(sum));
    }
}
