// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.wire;

import org.sparegrid.virtualethernet.frame.Bytes;
import org.sparegrid.virtualethernet.network.MacAddress;

/// What a DHCP client asks. Source: RFC 2131, section 2, and RFC 2132.
///
/// ```text
///  offset  size  field
///       0     4  op 1, hardware type 1, address length 6, hops
///       4     4  transaction
///       8     4  seconds 2, flags 2 (highest bit: answer by broadcast)
///      12     4  client address, if it already uses one
///      24     4  relay agent, 0: we are on the client's link
///      28    16  client MAC address 6, padding
///     236     4  63 82 53 63
///     240     n  options: code, length, value; 0 pads, 255 ends
/// ```
///
/// @param transaction chosen by the client
/// @param flags 0x8000 asks for an answer by broadcast
/// @param clientAddress the address in use, or 0
/// @param clientMac MAC address bits
/// @param type option 53, the message type
/// @param requestedAddress option 50, or 0
/// @param server option 54, or 0
public record DhcpRequest(
        int transaction,
        int flags,
        int clientAddress,
        long clientMac,
        int type,
        int requestedAddress,
        int server) {
    /// Message type: is there a server.
    public static final int DISCOVER = 1;

    /// Message type: I take this address.
    public static final int REQUEST = 3;

    /// Message type: I have an address, tell me the rest.
    public static final int INFORM = 8;

    static final int COOKIE = 0x6382_5363;
    static final int OPTIONS_OFFSET = 240;

    /// Reads the payload of a datagram to port 67.
    public static DhcpRequest parse(byte[] in) throws WireFormatException {
        if (in.length < OPTIONS_OFFSET) {
            throw new WireFormatException("dhcp: expected at least 240 bytes, got " + in.length);
        }
        if (in[0] != 1 || in[1] != 1 || in[2] != 6 || Bytes.i32(in, 24) != 0) {
            throw new WireFormatException(
                    "dhcp: expected a request from an Ethernet client on this link, got "
                            + Integer.toHexString(Bytes.i32(in, 0)));
        }
        if (Bytes.i32(in, 236) != COOKIE) {
            throw new WireFormatException(
                    "dhcp: expected 63825363 at offset 236, got "
                            + Integer.toHexString(Bytes.i32(in, 236)));
        }
        int type = 0;
        int requested = 0;
        int server = 0;
        int at = OPTIONS_OFFSET;
        while (at < in.length && Bytes.u8(in, at) != 255) {
            int code = Bytes.u8(in, at);
            if (code == 0) {
                at++;
                continue;
            }
            if (at + 2 > in.length || at + 2 + Bytes.u8(in, at + 1) > in.length) {
                throw new WireFormatException("dhcp: option " + code + " runs past the end");
            }
            int length = Bytes.u8(in, at + 1);
            switch (code) {
                case 50 -> requested = address(in, at + 2, length);
                case 53 -> type = length == 1 ? Bytes.u8(in, at + 2) : 0;
                case 54 -> server = address(in, at + 2, length);
                default -> {}
            }
            at += 2 + length;
        }
        return new DhcpRequest(
                Bytes.i32(in, 4),
                Bytes.u16(in, 10),
                Bytes.i32(in, 12),
                MacAddress.bits(in, 28),
                type,
                requested,
                server);
    }

    private static int address(byte[] in, int at, int length) throws WireFormatException {
        if (length != 4) {
            throw new WireFormatException("dhcp: expected an address of 4 bytes, got " + length);
        }
        return Bytes.i32(in, at);
    }
}
