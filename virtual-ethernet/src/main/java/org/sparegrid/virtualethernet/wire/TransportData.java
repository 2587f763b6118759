// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.wire;

/// A sealed IP packet, or nothing sealed, which keeps the path alive.
///
/// ```text
///  offset  size  field
///       0     4  type            4
///       4     4  receiver index
///       8     8  counter         the nonce
///      16     n  packet          zero-padded to a multiple of 16, sealed; n >= 16
/// ```
public final class TransportData implements WireGuardMessage {
    /// Number of this message type.
    public static final int TYPE = 4;

    /// Bytes before the sealed packet.
    public static final int HEADER_LENGTH = 16;

    /// Bytes of the authentication tag behind the packet.
    public static final int TAG_LENGTH = 16;

    private final byte[] bytes;

    private TransportData(byte[] bytes) {
        this.bytes = bytes;
    }

    static TransportData parse(byte[] datagram) throws WireFormatException {
        if (datagram.length < HEADER_LENGTH + TAG_LENGTH) {
            throw new WireFormatException(
                    "transport: expected at least 32 bytes, got " + datagram.length);
        }
        return new TransportData(datagram);
    }

    /// Writes the header at `at`.
    public static void writeHeader(byte[] out, int at, int receiverIndex, long counter) {
        LittleEndian.putInt(out, at, TYPE);
        LittleEndian.putInt(out, at + 4, receiverIndex);
        LittleEndian.putLong(out, at + 8, counter);
    }

    /// Whether the datagram of `length` bytes at `at` is sealed data: of this type, or a fast
    /// frame.
    public static boolean isData(byte[] datagram, int at, int length) {
        if (length < HEADER_LENGTH + TAG_LENGTH) {
            return false;
        }
        int type = LittleEndian.getInt(datagram, at);
        return type == TYPE || type == FastFrame.TYPE;
    }

    /// The receiver index of sealed data at `at`.
    public static int receiverIndex(byte[] datagram, int at) {
        return LittleEndian.getInt(datagram, at + 4);
    }

    /// The counter of sealed data at `at`.
    public static long counter(byte[] datagram, int at) {
        return LittleEndian.getLong(datagram, at + 8);
    }

    /// Whether the sealed data at `at` is a fast frame.
    public static boolean isFastFrame(byte[] datagram, int at) {
        return LittleEndian.getInt(datagram, at) == FastFrame.TYPE;
    }

    /// Names the receiver's side of the session.
    public int receiverIndex() {
        return LittleEndian.getInt(bytes, 4);
    }

    /// The nonce; grows by one with each packet of the session.
    public long counter() {
        return LittleEndian.getLong(bytes, 8);
    }

    @Override
    public byte[] bytes() {
        return bytes;
    }
}
