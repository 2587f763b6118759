// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.wire;

import java.util.Arrays;

/// The answer of a responder under load: come again with this cookie.
///
/// ```text
///  offset  size  field
///       0     4  type            3
///       4     4  receiver index  the sender index of the message answered
///       8    24  nonce
///      32    32  cookie          16 bytes, sealed; the mac1 of the message answered is sealed in
/// ```
public final class CookieReply implements WireGuardMessage {
    /// Number of this message type.
    public static final int TYPE = 3;

    /// Length of the whole message in bytes.
    public static final int LENGTH = 64;

    private final byte[] bytes;

    private CookieReply(byte[] bytes) {
        this.bytes = bytes;
    }

    static CookieReply parse(byte[] datagram) throws WireFormatException {
        if (datagram.length != LENGTH) {
            throw new WireFormatException(
                    "cookie reply: expected " + LENGTH + " bytes, got " + datagram.length);
        }
        return new CookieReply(datagram);
    }

    /// The message of its fields.
    public static CookieReply of(int receiverIndex, byte[] nonce, byte[] sealedCookie) {
        byte[] bytes = new byte[LENGTH];
        bytes[0] = TYPE;
        LittleEndian.putInt(bytes, 4, receiverIndex);
        System.arraycopy(nonce, 0, bytes, 8, 24);
        System.arraycopy(sealedCookie, 0, bytes, 32, 32);
        return new CookieReply(bytes);
    }

    /// Names the receiver's side of the session.
    public int receiverIndex() {
        return LittleEndian.getInt(bytes, 4);
    }

    /// A copy of the field.
    public byte[] nonce() {
        return Arrays.copyOfRange(bytes, 8, 32);
    }

    /// A copy of the field.
    public byte[] sealedCookie() {
        return Arrays.copyOfRange(bytes, 32, 64);
    }

    @Override
    public byte[] bytes() {
        return bytes;
    }
}
