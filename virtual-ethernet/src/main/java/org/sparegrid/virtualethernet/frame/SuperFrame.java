// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.frame;

import org.jspecify.annotations.Nullable;

/// A frame as cards with offloads know it: it may stand for many frames of one flow, and the
/// checksum of its TCP or UDP part may be left to whoever needs it.
///
/// A view of an array, to be used again for the next frame. Its header is that of virtio:
///
/// ```text
///  offset  size  field         little-endian
///       0     1  flags         1 = the checksum is to be completed
///       1     1  segmentation  0 none, 1 TCP over IPv4, 4 TCP over IPv6, 5 UDP; 0x80 = with ECN
///       2     2  header        bytes before the payload, a hint
///       4     2  segment       bytes of payload in each frame
///       6     2  start         where the checksum begins to count
///       8     2  field         where it is, counted from there
/// ```
///
/// Source: virtio 1.2, section 5.1.6; RFC 9293; RFC 768.
public final class SuperFrame {
    /// Bytes of the header before the frame.
    public static final int HEADER_LENGTH = 10;

    /// Frames that one may stand for: 64 KB in the smallest segments that Linux makes.
    public static final int FRAMES_MAX = 1400;

    static final int NEEDS_CHECKSUM = 1;
    static final int TCP_IPV4 = 1;
    static final int TCP_IPV6 = 4;
    static final int UDP = 5;

    private static final int ECN = 0x80;
    private static final int TCP_FIELD = 16;
    private static final int UDP_FIELD = 6;
    private static final int UDP_HEADER_LENGTH = 8;
    private static final byte[] NOTHING = {};

    private byte[] bytes = NOTHING;
    private int offset;
    private int length;
    private boolean unfinished;
    private int segmentation;
    private int segment;
    private int start;
    private int field;
    private int headers;
    private int count;
    private @Nullable EthernetFrame ethernet;

    /// An empty frame.
    public SuperFrame() {}

    /// Becomes one complete frame.
    public SuperFrame set(byte[] array, int at, int lengthBytes) throws FrameFormatException {
        return set(array, at, lengthBytes, 0, 0);
    }

    /// Becomes one complete frame.
    public SuperFrame set(EthernetFrame frame) {
        take(frame.bytes(), frame.offset(), frame.length());
        ethernet = frame;
        return this;
    }

    /// Becomes one frame whose checksum counts from `startBytes` and is to be put `fieldBytes`
    /// behind; 0 and 0 if the checksum is complete.
    ///
    /// @throws FrameFormatException if it is not that of the frame's own TCP or UDP header: whoever
    ///   completes it would write over something that was looked at before
    public SuperFrame set(byte[] array, int at, int lengthBytes, int startBytes, int fieldBytes)
            throws FrameFormatException {
        EthernetFrame frame = EthernetFrame.parse(array, at, lengthBytes);
        take(array, at, lengthBytes);
        ethernet = frame;
        if (startBytes != 0 || fieldBytes != 0) {
            check(isTransport(startBytes, fieldBytes), "a checksum of TCP or UDP", startBytes);
            askForChecksum(startBytes, fieldBytes);
        }
        return this;
    }

    /// Becomes the frame that a card with offloads gave, its header first.
    ///
    /// @throws FrameFormatException if the header does not fit the frame; nothing of it may be used
    public SuperFrame read(byte[] array, int at, int lengthBytes) throws FrameFormatException {
        check(lengthBytes >= HEADER_LENGTH, "at least 10 bytes", lengthBytes);
        int flags = Bytes.u8(array, at);
        int kind = Bytes.u8(array, at + 1) & ~ECN;
        boolean partial = (flags & NEEDS_CHECKSUM) != 0;
        set(array, at + HEADER_LENGTH, lengthBytes - HEADER_LENGTH);
        if (partial) {
            int counted = little16(array, at + 6);
            int target = little16(array, at + 8);
            askForChecksum(counted, target);
            if (!isTransport(counted, target)) {
                check(kind == 0, "the checksum of the transport header", counted);
                finish();
            }
        }
        if (kind != 0) {
            check(unfinished, "an unfinished checksum in a divided frame", flags);
            divide(kind, little16(array, at + 4));
        }
        return this;
    }

    /// Becomes a frame that joins others of one flow; see [FrameJoiner].
    SuperFrame join(byte[] array, int at, int lengthBytes, int kind, int segmentBytes, int l4) {
        take(array, at, lengthBytes);
        unfinished = true;
        segmentation = kind;
        segment = segmentBytes;
        start = l4;
        field = kind == UDP ? UDP_FIELD : TCP_FIELD;
        headers =
                l4 + (kind == UDP ? UDP_HEADER_LENGTH : (Bytes.u8(array, at + l4 + 12) >>> 4) * 4);
        count = (lengthBytes - headers + segmentBytes - 1) / segmentBytes;
        return this;
    }

    /// Writes the header of virtio for this frame.
    public void writeHeader(byte[] out, int at) {
        out[at] = (byte) (unfinished ? NEEDS_CHECKSUM : 0);
        out[at + 1] = (byte) segmentation;
        putLittle16(out, at + 2, headers);
        putLittle16(out, at + 4, segment);
        putLittle16(out, at + 6, start);
        putLittle16(out, at + 8, field);
    }

    /// The array that holds the frame.
    public byte[] bytes() {
        return bytes;
    }

    /// Where the frame begins in its array.
    public int offset() {
        return offset;
    }

    /// Length of the whole, with one header.
    public int length() {
        return length;
    }

    /// The frame as it stands; its headers are those of the first it stands for.
    public EthernetFrame ethernet() throws FrameFormatException {
        EthernetFrame frame = ethernet;
        if (frame == null) {
            frame = EthernetFrame.parse(bytes, offset, length);
            ethernet = frame;
        }
        return frame;
    }

    /// How many frames it stands for.
    public int count() {
        return count;
    }

    /// Whether it stands for more than itself.
    public boolean isDivided() {
        return segmentation != 0;
    }

    /// Whether the checksum is still to be completed.
    public boolean isUnfinished() {
        return unfinished;
    }

    /// Where the checksum begins to count, and 0 if it is complete.
    public int checksumStart() {
        return start;
    }

    /// Where the checksum is, counted from its start.
    public int checksumField() {
        return field;
    }

    /// Length of the longest frame it stands for.
    public int longest() {
        return isDivided() ? Math.min(length, headers + segment) : length;
    }

    /// Bytes of all the frames it stands for.
    public long totalBytes() {
        return length + (count - 1L) * headers;
    }

    /// Length of frame `index`.
    public int length(int index) {
        return isDivided()
                ? headers + Math.min(segment, length - headers - index * segment)
                : length;
    }

    /// Writes frame `index`, and completes its checksum if asked to.
    ///
    /// @return its length
    public int write(int index, byte[] out, int at, boolean complete) {
        int size = length(index);
        if (!isDivided()) {
            System.arraycopy(bytes, offset, out, at, size);
        } else {
            int payload = offset + headers + index * segment;
            System.arraycopy(bytes, offset, out, at, headers);
            System.arraycopy(bytes, payload, out, at + headers, size - headers);
            writeHeaders(index, out, at, size);
        }
        if (complete && unfinished) {
            finish(out, at, size);
        }
        return size;
    }

    /// Completes the checksum in the array. Not for divided frames.
    public void finish() {
        if (unfinished && !isDivided()) {
            finish(bytes, offset, length);
            unfinished = false;
            start = 0;
            field = 0;
        }
    }

    private void take(byte[] array, int at, int lengthBytes) {
        bytes = array;
        offset = at;
        length = lengthBytes;
        unfinished = false;
        segmentation = 0;
        segment = 0;
        start = 0;
        field = 0;
        headers = 0;
        count = 1;
        ethernet = null;
    }

    private void askForChecksum(int startBytes, int fieldBytes) throws FrameFormatException {
        check(
                startBytes >= EthernetFrame.HEADER_LENGTH
                        && startBytes + fieldBytes + 2 <= length
                        && fieldBytes < length,
                "a checksum inside the frame",
                startBytes);
        unfinished = true;
        start = startBytes;
        field = fieldBytes;
    }

    /// Whether a checksum is that of the one TCP or UDP header of the frame.
    private boolean isTransport(int startBytes, int fieldBytes) {
        int ip = offset + EthernetFrame.HEADER_LENGTH;
        int l4;
        int protocol;
        if (length < EthernetFrame.HEADER_LENGTH + 40) {
            boolean shortest = length >= EthernetFrame.HEADER_LENGTH + 28;
            if (!shortest || Bytes.u16(bytes, offset + 12) != EthernetFrame.IPV4) {
                return false;
            }
        }
        switch (Bytes.u16(bytes, offset + 12)) {
            case EthernetFrame.IPV4 -> {
                l4 = EthernetFrame.HEADER_LENGTH + (bytes[ip] & 0xf) * 4;
                protocol = Bytes.u8(bytes, ip + 9);
                boolean whole = (Bytes.u16(bytes, ip + 6) & 0x3fff) == 0;
                if ((bytes[ip] & 0xf0) != 0x40 || l4 < 34 || !whole) {
                    return false;
                }
            }
            case EthernetFrame.IPV6 -> {
                l4 = EthernetFrame.HEADER_LENGTH + 40;
                protocol = Bytes.u8(bytes, ip + 6);
                if ((bytes[ip] & 0xf0) != 0x60) {
                    return false;
                }
            }
            default -> {
                return false;
            }
        }
        boolean right =
                (protocol == Ipv4Packet.TCP && fieldBytes == TCP_FIELD)
                        || (protocol == Ipv4Packet.UDP && fieldBytes == UDP_FIELD);
        return right && startBytes == l4 && startBytes + fieldBytes + 2 <= length;
    }

    private void divide(int kind, int segmentBytes) throws FrameFormatException {
        boolean ipv4 = Bytes.u16(bytes, offset + 12) == EthernetFrame.IPV4;
        boolean udp = kind == UDP;
        check(
                udp
                        ? field == UDP_FIELD
                        : field == TCP_FIELD && kind == (ipv4 ? TCP_IPV4 : TCP_IPV6),
                "a known kind of division",
                kind);
        int ip = offset + EthernetFrame.HEADER_LENGTH;
        int l4 = start;
        check(length >= l4 + (udp ? 8 : 20), "a transport header", length);
        int end = l4 + (udp ? UDP_HEADER_LENGTH : (Bytes.u8(bytes, offset + l4 + 12) >>> 4) * 4);
        check(end >= l4 + (udp ? 8 : 20) && end < length, "a payload", end);
        int total = ipv4 ? Bytes.u16(bytes, ip + 2) : Bytes.u16(bytes, ip + 4) + 40;
        check(total == length - EthernetFrame.HEADER_LENGTH, "the length of the packet", total);
        check(segmentBytes > 0, "a length of segments", segmentBytes);
        int frames = (length - end + segmentBytes - 1) / segmentBytes;
        check(frames <= FRAMES_MAX, "at most 1400 frames", frames);
        segmentation = kind;
        segment = segmentBytes;
        headers = end;
        count = frames;
    }

    /// Makes the copied headers those of frame `index`, its checksum begun with the addresses.
    private void writeHeaders(int index, byte[] out, int at, int size) {
        int ip = at + EthernetFrame.HEADER_LENGTH;
        int l4 = at + start;
        int l4Length = size - start;
        long addresses;
        if ((out[ip] & 0xf0) == 0x40) {
            Bytes.put16(out, ip + 2, size - EthernetFrame.HEADER_LENGTH);
            Bytes.put16(out, ip + 4, Bytes.u16(out, ip + 4) + index);
            Bytes.put16(out, ip + 10, 0);
            Bytes.put16(out, ip + 10, Checksums.of(out, ip, l4 - ip));
            addresses = Checksums.sum(out, ip + 12, 8);
        } else {
            Bytes.put16(out, ip + 4, l4Length);
            addresses = Checksums.sum(out, ip + 8, 32);
        }
        boolean udp = segmentation == UDP;
        if (udp) {
            Bytes.put16(out, l4 + 4, l4Length);
        } else {
            Bytes.put32(out, l4 + 4, Bytes.i32(out, l4 + 4) + index * segment);
            writeFlags(index, out, l4 + 13);
        }
        int protocol = udp ? Ipv4Packet.UDP : Ipv4Packet.TCP;
        Bytes.put16(out, l4 + field, ~Checksums.fold(addresses + protocol + l4Length));
    }

    /// FIN and PSH belong to the last frame, CWR to the first.
    private void writeFlags(int index, byte[] out, int at) {
        int flags = out[at];
        if (index < count - 1) {
            flags &= ~0x09;
        }
        if (index > 0) {
            flags &= ~0x80;
        }
        out[at] = (byte) flags;
    }

    private void finish(byte[] out, int at, int size) {
        int sum = Checksums.of(out, at + start, size - start);
        // In UDP, zero would say that there is no checksum.
        Bytes.put16(out, at + start + field, sum == 0 && field == UDP_FIELD ? 0xffff : sum);
    }

    private static int little16(byte[] in, int at) {
        return Short.toUnsignedInt(Short.reverseBytes((short) Bytes.u16(in, at)));
    }

    private static void putLittle16(byte[] out, int at, int value) {
        Bytes.put16(out, at, Short.reverseBytes((short) value));
    }

    private static void check(boolean holds, String expected, int got) throws FrameFormatException {
        if (!holds) {
            throw new FrameFormatException("superframe: expected " + expected + ", got " + got);
        }
    }
}
