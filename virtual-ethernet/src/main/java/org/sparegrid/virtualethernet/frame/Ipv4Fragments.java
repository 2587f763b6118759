// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.frame;

import java.util.ArrayList;
import java.util.List;

/// Divides IPv4 packets that are too large. Source: RFC 791, section 3.2.
public final class Ipv4Fragments {
    private Ipv4Fragments() {}

    /// The frames, each with at most `mtu` bytes of packet, that together carry `packet`. Options
    /// are kept in the first and left out of the others, which RFC 791 allows for most.
    public static List<EthernetFrame> split(EthernetFrame frame, Ipv4Packet packet, int mtu)
            throws FrameFormatException {
        List<EthernetFrame> fragments = new ArrayList<>();
        int done = 0;
        while (done < packet.payloadLength()) {
            int header = done == 0 ? packet.headerLength() : Ipv4Packet.HEADER_LENGTH;
            int left = packet.payloadLength() - done;
            int size = header + left <= mtu ? left : (mtu - header) & ~7;
            fragments.add(fragment(frame, packet, header, done, size));
            done += size;
        }
        return fragments;
    }

    private static EthernetFrame fragment(
            EthernetFrame frame, Ipv4Packet packet, int header, int start, int size)
            throws FrameFormatException {
        int ip = EthernetFrame.HEADER_LENGTH;
        byte[] out = new byte[ip + header + size];
        System.arraycopy(frame.bytes(), frame.offset(), out, 0, ip + header);
        System.arraycopy(packet.bytes(), packet.payloadOffset() + start, out, ip + header, size);
        boolean more = packet.hasMoreFragments() || start + size < packet.payloadLength();
        int place = (packet.fragmentOffsetBytes() + start) / 8;
        out[ip] = (byte) (0x40 | (header / 4));
        Bytes.put16(out, ip + 2, header + size);
        Bytes.put16(out, ip + 6, (more ? 0x2000 : 0) | place);
        Bytes.put16(out, ip + 10, 0);
        Bytes.put16(out, ip + 10, Checksums.of(out, ip, header));
        return EthernetFrame.parse(out);
    }
}
