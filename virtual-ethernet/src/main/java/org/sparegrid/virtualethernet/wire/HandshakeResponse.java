// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.wire;

import java.util.Arrays;

/// The second message of a handshake.
///
/// ```text
///  offset  size  field
///       0     4  type            2
///       4     4  sender index
///       8     4  receiver index  the sender index of the initiation
///      12    32  ephemeral       public key made for this handshake
///      44    16  empty           nothing, sealed
///      60    16  mac1            as in the initiation
///      76    16  mac2            as in the initiation
/// ```
public final class HandshakeResponse implements WireGuardMessage {
    /// Number of this message type.
    public static final int TYPE = 2;

    /// Length of the whole message in bytes.
    public static final int LENGTH = 92;

    /// Where `mac1` begins, which covers everything before it.
    public static final int MAC1_OFFSET = 60;

    /// Where `mac2` begins, which covers everything before it.
    public static final int MAC2_OFFSET = 76;

    private final byte[] bytes;

    private HandshakeResponse(byte[] bytes) {
        this.bytes = bytes;
    }

    static HandshakeResponse parse(byte[] datagram) throws WireFormatException {
        if (datagram.length != LENGTH) {
            throw new WireFormatException(
                    "response: expected " + LENGTH + " bytes, got " + datagram.length);
        }
        return new HandshakeResponse(datagram);
    }

    /// A message whose two MACs are still zero.
    public static HandshakeResponse of(
            int senderIndex, int receiverIndex, byte[] ephemeral, byte[] sealedEmpty) {
        byte[] bytes = new byte[LENGTH];
        bytes[0] = TYPE;
        LittleEndian.putInt(bytes, 4, senderIndex);
        LittleEndian.putInt(bytes, 8, receiverIndex);
        System.arraycopy(ephemeral, 0, bytes, 12, 32);
        System.arraycopy(sealedEmpty, 0, bytes, 44, 16);
        return new HandshakeResponse(bytes);
    }

    /// Names the sender's side of the session.
    public int senderIndex() {
        return LittleEndian.getInt(bytes, 4);
    }

    /// Names the receiver's side of the session.
    public int receiverIndex() {
        return LittleEndian.getInt(bytes, 8);
    }

    /// A copy of the field.
    public byte[] ephemeral() {
        return Arrays.copyOfRange(bytes, 12, 44);
    }

    /// A copy of the field.
    public byte[] sealedEmpty() {
        return Arrays.copyOfRange(bytes, 44, 60);
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
