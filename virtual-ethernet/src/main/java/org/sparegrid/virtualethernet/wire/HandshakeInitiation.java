// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.wire;

import java.util.Arrays;

/// The first message of a handshake.
///
/// ```text
///  offset  size  field
///       0     4  type          1
///       4     4  sender index
///       8    32  ephemeral     public key made for this handshake
///      40    48  static        sender's public key, sealed
///      88    28  timestamp     TAI64N, sealed
///     116    16  mac1          BLAKE2s of the bytes before, keyed by the receiver's public key
///     132    16  mac2          BLAKE2s of the bytes before, keyed by a cookie, or zero
/// ```
public final class HandshakeInitiation implements WireGuardMessage {
    /// Number of this message type.
    public static final int TYPE = 1;

    /// Length of the whole message in bytes.
    public static final int LENGTH = 148;

    /// Where `mac1` begins, which covers everything before it.
    public static final int MAC1_OFFSET = 116;

    /// Where `mac2` begins, which covers everything before it.
    public static final int MAC2_OFFSET = 132;

    private final byte[] bytes;

    private HandshakeInitiation(byte[] bytes) {
        this.bytes = bytes;
    }

    static HandshakeInitiation parse(byte[] datagram) throws WireFormatException {
        if (datagram.length != LENGTH) {
            throw new WireFormatException(
                    "initiation: expected " + LENGTH + " bytes, got " + datagram.length);
        }
        return new HandshakeInitiation(datagram);
    }

    /// A message whose two MACs are still zero.
    public static HandshakeInitiation of(
            int senderIndex, byte[] ephemeral, byte[] sealedStatic, byte[] sealedTimestamp) {
        byte[] bytes = new byte[LENGTH];
        bytes[0] = TYPE;
        LittleEndian.putInt(bytes, 4, senderIndex);
        System.arraycopy(ephemeral, 0, bytes, 8, 32);
        System.arraycopy(sealedStatic, 0, bytes, 40, 48);
        System.arraycopy(sealedTimestamp, 0, bytes, 88, 28);
        return new HandshakeInitiation(bytes);
    }

    /// Names the sender's side of the session.
    public int senderIndex() {
        return LittleEndian.getInt(bytes, 4);
    }

    /// A copy of the field.
    public byte[] ephemeral() {
        return Arrays.copyOfRange(bytes, 8, 40);
    }

    /// A copy of the field.
    public byte[] sealedStatic() {
        return Arrays.copyOfRange(bytes, 40, 88);
    }

    /// A copy of the field.
    public byte[] sealedTimestamp() {
        return Arrays.copyOfRange(bytes, 88, 116);
    }

    /// A copy of the field.
    public byte[] mac1() {
        return Arrays.copyOfRange(bytes, MAC1_OFFSET, MAC2_OFFSET);
    }

    @Override
    public byte[] bytes() {
        return bytes;
    }
}
