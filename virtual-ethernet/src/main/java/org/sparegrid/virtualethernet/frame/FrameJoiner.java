// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.frame;

import java.util.Arrays;

/// Joins frames of one flow that follow each other into one that stands for them all.
///
/// Only what dividing the whole again would give back is joined, the identification of IPv4 packets
/// apart. A checksum that is complete must also be right, because the whole is sent on without one.
public final class FrameJoiner {
    private static final int LENGTH_MAX = EthernetFrame.HEADER_LENGTH + 65_535;

    /// UDP datagrams in one; what Linux allows.
    private static final int DATAGRAMS_MAX = 64;

    private static final int ACK = 0x10;
    private static final int PSH = 0x08;
    private static final int IP = EthernetFrame.HEADER_LENGTH;

    private final byte[] buffer = new byte[SuperFrame.HEADER_LENGTH + LENGTH_MAX];
    private final SuperFrame whole = new SuperFrame();
    private final boolean udp;
    private int length;
    private int count;
    private boolean open;
    private int kind;
    private int l4;
    private int headers;
    private int segment;
    private int firstStart;
    private int firstField;

    /// @param udp whether UDP is joined, which not every kernel takes back
    public FrameJoiner(boolean udp) {
        this.udp = udp;
    }

    /// Whether there is nothing to take out.
    public boolean isEmpty() {
        return length == 0;
    }

    /// Adds an undivided frame.
    ///
    /// @return false if it does not belong to what is there, which must be taken out first
    public boolean add(SuperFrame frame) {
        if (length == 0) {
            begin(frame);
            return true;
        }
        return open && continues(frame) && append(frame);
    }

    /// What was added, with room for [SuperFrame#HEADER_LENGTH] bytes before it, and empties this.
    /// Valid until the next frame is added.
    public SuperFrame take() throws FrameFormatException {
        int size = length;
        length = 0;
        int at = SuperFrame.HEADER_LENGTH;
        if (count == 1) {
            return whole.set(buffer, at, size, firstStart, firstField);
        }
        int ip = at + IP;
        boolean ipv4 = (buffer[ip] & 0xf0) == 0x40;
        long addresses;
        if (ipv4) {
            Bytes.put16(buffer, ip + 2, size - IP);
            Bytes.put16(buffer, ip + 10, 0);
            Bytes.put16(buffer, ip + 10, Checksums.of(buffer, ip, l4 - IP));
            addresses = Checksums.sum(buffer, ip + 12, 8);
        } else {
            Bytes.put16(buffer, ip + 4, size - l4);
            addresses = Checksums.sum(buffer, ip + 8, 32);
        }
        boolean datagrams = kind == SuperFrame.UDP;
        if (datagrams) {
            Bytes.put16(buffer, at + l4 + 4, size - l4);
        }
        int protocol = datagrams ? Ipv4Packet.UDP : Ipv4Packet.TCP;
        Bytes.put16(buffer, at + l4 + field(), ~Checksums.fold(addresses + protocol + (size - l4)));
        return whole.join(buffer, at, size, kind, segment, l4);
    }

    private int field() {
        return kind == SuperFrame.UDP ? 6 : 16;
    }

    private void begin(SuperFrame frame) {
        length = frame.length();
        count = 1;
        open = false;
        kind = 0;
        firstStart = frame.checksumStart();
        firstField = frame.checksumField();
        System.arraycopy(frame.bytes(), frame.offset(), buffer, SuperFrame.HEADER_LENGTH, length);
        byte[] in = frame.bytes();
        int at = frame.offset();
        int found = kind(in, at, length, !frame.isUnfinished());
        if (found == 0) {
            return;
        }
        l4 = transport(in, at);
        headers = headers(found, in, at);
        segment = length - headers;
        if (segment <= 0 || !isRight(frame, found, l4)) {
            return;
        }
        kind = found;
        open = kind == SuperFrame.UDP || (Bytes.u8(in, at + l4 + 13) & PSH) == 0;
    }

    /// Whether the frame's headers are those that the next frame of the whole would have.
    private boolean continues(SuperFrame frame) {
        byte[] in = frame.bytes();
        int at = frame.offset();
        int size = frame.length();
        int payload = size - headers;
        if (payload <= 0
                || payload > segment
                || length + payload > LENGTH_MAX
                || kind(in, at, size, !frame.isUnfinished()) != kind
                || transport(in, at) != l4
                || headers(kind, in, at) != headers) {
            return false;
        }
        int base = SuperFrame.HEADER_LENGTH;
        boolean ipv4 = (in[at + IP] & 0xf0) == 0x40;
        boolean same =
                ipv4
                        ? isSame(in, at, 0, IP + 2)
                                && isSame(in, at, IP + 6, IP + 10)
                                && isSame(in, at, IP + 12, l4 + 4)
                        : isSame(in, at, 0, IP + 4) && isSame(in, at, IP + 6, l4 + 4);
        if (!same) {
            return false;
        }
        if (kind == SuperFrame.UDP) {
            return count < DATAGRAMS_MAX && isRight(frame, kind, l4);
        }
        int next = Bytes.i32(buffer, base + l4 + 4) + length - headers;
        return Bytes.i32(in, at + l4 + 4) == next
                && isSame(in, at, l4 + 8, l4 + 13)
                && isSame(in, at, l4 + 14, l4 + 16)
                && isSame(in, at, l4 + 18, headers)
                && isRight(frame, kind, l4);
    }

    private boolean append(SuperFrame frame) {
        byte[] in = frame.bytes();
        int at = frame.offset();
        int payload = frame.length() - headers;
        System.arraycopy(in, at + headers, buffer, SuperFrame.HEADER_LENGTH + length, payload);
        length += payload;
        count++;
        open = payload == segment;
        if (kind != SuperFrame.UDP && (Bytes.u8(in, at + l4 + 13) & PSH) != 0) {
            buffer[SuperFrame.HEADER_LENGTH + l4 + 13] |= PSH;
            open = false;
        }
        return true;
    }

    private boolean isSame(byte[] in, int at, int from, int to) {
        int base = SuperFrame.HEADER_LENGTH;
        return Arrays.equals(in, at + from, at + to, buffer, base + from, base + to);
    }

    /// What kind of whole a frame may be part of; 0 for none.
    private int kind(byte[] in, int at, int size, boolean complete) {
        int type = size < IP + 28 ? 0 : Bytes.u16(in, at + 12);
        int protocol;
        if (type == EthernetFrame.IPV4) {
            boolean plain =
                    in[at + IP] == 0x45
                            && Bytes.u16(in, at + IP + 2) == size - IP
                            && (Bytes.u16(in, at + IP + 6) & 0xbfff) == 0;
            protocol = plain ? Bytes.u8(in, at + IP + 9) : 0;
        } else if (type == EthernetFrame.IPV6) {
            boolean plain = size >= IP + 48 && Bytes.u16(in, at + IP + 4) == size - IP - 40;
            protocol = plain ? Bytes.u8(in, at + IP + 6) : 0;
        } else {
            return 0;
        }
        int start = transport(in, at);
        if (protocol == Ipv4Packet.UDP) {
            boolean whole = size > start + 8 && Bytes.u16(in, at + start + 4) == size - start;
            boolean summed = !complete || Bytes.u16(in, at + start + 6) != 0;
            return udp && whole && summed ? SuperFrame.UDP : 0;
        }
        boolean data =
                protocol == Ipv4Packet.TCP
                        && size > start + 20
                        && (Bytes.u8(in, at + start + 12) >>> 4) >= 5
                        && (Bytes.u8(in, at + start + 13) & ~PSH) == ACK;
        return !data ? 0 : type == EthernetFrame.IPV4 ? SuperFrame.TCP_IPV4 : SuperFrame.TCP_IPV6;
    }

    private static int transport(byte[] in, int at) {
        return (in[at + IP] & 0xf0) == 0x40 ? IP + 20 : IP + 40;
    }

    private static int headers(int kind, byte[] in, int at) {
        int start = transport(in, at);
        return start + (kind == SuperFrame.UDP ? 8 : (Bytes.u8(in, at + start + 12) >>> 4) * 4);
    }

    /// Whether the checksum is right, or unfinished at the right place.
    private static boolean isRight(SuperFrame frame, int kind, int l4) {
        byte[] in = frame.bytes();
        int at = frame.offset();
        boolean datagram = kind == SuperFrame.UDP;
        if (frame.isUnfinished()) {
            return frame.checksumStart() == l4 && frame.checksumField() == (datagram ? 6 : 16);
        }
        int size = frame.length() - l4;
        boolean ipv4 = (in[at + IP] & 0xf0) == 0x40;
        long addresses =
                ipv4 ? Checksums.sum(in, at + IP + 12, 8) : Checksums.sum(in, at + IP + 8, 32);
        int protocol = datagram ? Ipv4Packet.UDP : Ipv4Packet.TCP;
        long sum = addresses + protocol + size + Checksums.sum(in, at + l4, size);
        return Checksums.fold(sum) == 0;
    }
}
