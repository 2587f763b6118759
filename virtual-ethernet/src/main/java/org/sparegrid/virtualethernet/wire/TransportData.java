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

    /// Writes the header into the first 16 bytes of `datagram`.
    public static void writeHeader(byte[] datagram, int receiverIndex, long counter) {
        LittleEndian.putInt(datagram, 0, TYPE);
        LittleEndian.putInt(datagram, 4, receiverIndex);
        LittleEndian.putLong(datagram, 8, counter);
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
