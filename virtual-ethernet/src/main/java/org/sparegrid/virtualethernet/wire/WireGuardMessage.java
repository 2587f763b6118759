// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.wire;

/// A WireGuard datagram. Its first byte is the type, the next three are zero.
///
/// Integers are little-endian. Source: the WireGuard white paper, section 5.4.
public sealed interface WireGuardMessage
        permits HandshakeInitiation, HandshakeResponse, CookieReply, TransportData {
    /// Reads the one message that fills `datagram`, which then belongs to the message.
    ///
    /// @throws WireFormatException if type or length is not as specified
    static WireGuardMessage parse(byte[] datagram) throws WireFormatException {
        if (datagram.length < 4) {
            throw new WireFormatException(
                    "wireguard: expected at least 4 bytes, got " + datagram.length);
        }
        int type = LittleEndian.getInt(datagram, 0);
        return switch (type) {
            case HandshakeInitiation.TYPE -> HandshakeInitiation.parse(datagram);
            case HandshakeResponse.TYPE -> HandshakeResponse.parse(datagram);
            case CookieReply.TYPE -> CookieReply.parse(datagram);
            case TransportData.TYPE -> TransportData.parse(datagram);
            default ->
                    throw new WireFormatException(
                            "wireguard: expected type 1 to 4 at offset 0, got " + type);
        };
    }

    /// The datagram; the message's own array, not to be changed.
    byte[] bytes();
}
