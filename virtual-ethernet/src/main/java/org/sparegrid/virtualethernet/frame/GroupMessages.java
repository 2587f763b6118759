// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.frame;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.network.MacAddress;

/// Reads and makes the messages by which stations say which groups they listen to: IGMP of versions
/// 1 to 3 and MLD of versions 1 and 2. Sources: RFC 1112, RFC 2236, RFC 3376, RFC 2710, RFC 3810.
public final class GroupMessages {
    private static final int IGMP = 2;
    private static final int ICMPV6 = 58;
    private static final int HOP_BY_HOP = 0;
    private static final int IPV6_HEADER_LENGTH = 40;

    private static final int IGMP_QUERY = 0x11;
    private static final int MLD_QUERY = 130;
    private static final int ALL_HOSTS = 0xe000_0001;
    private static final long ALL_HOSTS_MAC = 0x0100_5e00_0001L;
    private static final long ALL_NODES_MAC = 0x3333_0000_0001L;

    /// How long a station may take to answer: 10 s, in tenths of a second and in milliseconds.
    private static final int IGMP_ANSWER = 100;

    private static final int MLD_ANSWER = 10_000;

    private GroupMessages() {}

    /// What a station says about one group.
    ///
    /// @param group the Ethernet address of the group, as bits of a [MacAddress]
    /// @param listens whether it wants what is sent to the group
    public record Change(long group, boolean listens) {}

    /// What a frame says about groups; empty if it is no report of a listener.
    public static Optional<List<Change>> changes(EthernetFrame frame) throws FrameFormatException {
        return Optional.ofNullable(
                switch (frame.type()) {
                    case EthernetFrame.IPV4 -> igmp(Ipv4Packet.parse(frame));
                    case EthernetFrame.IPV6 -> mld(frame);
                    default -> null;
                });
    }

    private static @Nullable List<Change> igmp(Ipv4Packet packet) {
        int at = packet.payloadOffset();
        if (packet.protocol() != IGMP
                || packet.isLaterFragment()
                || packet.hasMoreFragments()
                || packet.payloadLength() < 8) {
            return null;
        }
        byte[] in = packet.bytes();
        return switch (Bytes.u8(in, at)) {
            case 0x12, 0x16 -> List.of(ipv4(in, at + 4, true));
            case 0x17 -> List.of(ipv4(in, at + 4, false));
            case 0x22 -> records(in, at, at + packet.payloadLength(), 4);
            default -> null;
        };
    }

    private static @Nullable List<Change> mld(EthernetFrame frame) {
        byte[] in = frame.bytes();
        int ip = frame.payloadOffset();
        int end = Math.min(frame.end(), ip + IPV6_HEADER_LENGTH + payloadLength(frame));
        int at = ip + IPV6_HEADER_LENGTH;
        if (at + 2 > end) {
            return null;
        }
        int header = Bytes.u8(in, ip + 6);
        if (header == HOP_BY_HOP) {
            header = Bytes.u8(in, at);
            at += 8 + 8 * Bytes.u8(in, at + 1);
        }
        if (header != ICMPV6 || at + 8 > end) {
            return null;
        }
        int type = Bytes.u8(in, at);
        return switch (type) {
            case 131, 132 -> at + 24 > end ? null : List.of(ipv6(in, at + 8, type == 131));
            case 143 -> records(in, at, end, 16);
            default -> null;
        };
    }

    private static int payloadLength(EthernetFrame frame) {
        return frame.end() < frame.payloadOffset() + 6
                ? 0
                : Bytes.u16(frame.bytes(), frame.payloadOffset() + 4);
    }

    /// The records of a report of the newest version, which IGMP and MLD share but for the length
    /// of an address. What is cut off counts as not said.
    private static List<Change> records(byte[] in, int start, int end, int addressLength) {
        List<Change> changes = new ArrayList<>();
        int count = Bytes.u16(in, start + 6);
        int at = start + 8;
        for (int i = 0; i < count && at + 4 + addressLength <= end; i++) {
            int type = Bytes.u8(in, at);
            int sources = Bytes.u16(in, at + 2);
            // Include mode without sources is how a listener leaves; the types that only add or
            // remove sources say nothing about the group as a whole unless they add.
            boolean leaves = (type == 1 || type == 3) && sources == 0;
            if (leaves || (type >= 1 && type <= 5)) {
                changes.add(
                        addressLength == 4 ? ipv4(in, at + 4, !leaves) : ipv6(in, at + 4, !leaves));
            }
            at += 4 + addressLength + sources * addressLength + 4 * Bytes.u8(in, at + 1);
        }
        return changes;
    }

    private static Change ipv4(byte[] in, int at, boolean listens) {
        return new Change(0x0100_5e00_0000L | (Bytes.i32(in, at) & 0x7f_ffff), listens);
    }

    private static Change ipv6(byte[] in, int at, boolean listens) {
        return new Change(0x3333_0000_0000L | (Bytes.i32(in, at + 12) & 0xffff_ffffL), listens);
    }

    /// Asks a station for its groups of IPv4.
    ///
    /// @param from who asks
    /// @param source its address
    public static EthernetFrame igmpQuery(MacAddress from, int source) {
        int header = Ipv4Packet.HEADER_LENGTH + 4;
        EthernetFrame frame =
                EthernetFrame.create(
                        new MacAddress(ALL_HOSTS_MAC), from, EthernetFrame.IPV4, header + 12);
        byte[] out = frame.bytes();
        int ip = frame.payloadOffset();
        int at = ip + header;
        out[at] = IGMP_QUERY;
        out[at + 1] = IGMP_ANSWER;
        out[at + 8] = 2;
        out[at + 9] = 125;
        Bytes.put16(out, at + 2, Checksums.of(out, at, 12));
        Ipv4Packet.writeHeader(out, ip, 16, IGMP, source, ALL_HOSTS);
        out[ip] = 0x46;
        out[ip + 8] = 1;
        Bytes.put32(out, ip + 20, 0x9404_0000);
        Bytes.put16(out, ip + 10, 0);
        Bytes.put16(out, ip + 10, Checksums.of(out, ip, header));
        return frame;
    }

    /// Asks a station for its groups of IPv6.
    ///
    /// @param from who asks, by its link-local address
    public static EthernetFrame mldQuery(MacAddress from) {
        int length = 28;
        EthernetFrame frame =
                EthernetFrame.create(
                        new MacAddress(ALL_NODES_MAC),
                        from,
                        EthernetFrame.IPV6,
                        IPV6_HEADER_LENGTH + 8 + length);
        byte[] out = frame.bytes();
        int ip = frame.payloadOffset();
        Bytes.put32(out, ip, 0x6000_0000);
        Bytes.put16(out, ip + 4, 8 + length);
        out[ip + 7] = 1;
        Icmpv6Frames.linkLocal(from, out, ip + 8);
        Bytes.put16(out, ip + 24, 0xff02);
        out[ip + 39] = 1;
        int options = ip + IPV6_HEADER_LENGTH;
        out[options] = ICMPV6;
        Bytes.put32(out, options + 2, 0x0502_0000);
        out[options + 6] = 1;
        int at = options + 8;
        out[at] = (byte) MLD_QUERY;
        Bytes.put16(out, at + 4, MLD_ANSWER);
        out[at + 24] = 2;
        out[at + 25] = 125;
        long sum =
                Checksums.sum(out, ip + 8, 32) + length + ICMPV6 + Checksums.sum(out, at, length);
        Bytes.put16(out, at + 2, Checksums.fold(sum));
        return frame;
    }
}
