// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.wire;

import org.sparegrid.virtualethernet.frame.Bytes;
import org.sparegrid.virtualethernet.network.MacAddress;

/// What a switch must know of a DHCP server's answer: who may use which address for how long.
///
/// The layout is that of [DhcpRequest], with op 2 and the client's new address at offset 16.
/// Source: RFC 2131, section 2; RFC 2132.
///
/// @param clientMac MAC address bits of the client
/// @param address the address it gets, or 0
/// @param type option 53, the message type
/// @param seconds option 51, how long the lease holds, unsigned; 0 if it was not said
public record DhcpLease(long clientMac, int address, int type, long seconds) {
    /// Reads the payload of a datagram from port 67.
    public static DhcpLease parse(byte[] in) throws WireFormatException {
        if (in.length < DhcpRequest.OPTIONS_OFFSET) {
            throw new WireFormatException("dhcp: expected at least 240 bytes, got " + in.length);
        }
        if (in[0] != 2 || in[1] != 1 || in[2] != 6) {
            throw new WireFormatException(
                    "dhcp: expected an answer to an Ethernet client, got "
                            + Integer.toHexString(Bytes.i32(in, 0)));
        }
        if (Bytes.i32(in, 236) != DhcpRequest.COOKIE) {
            throw new WireFormatException(
                    "dhcp: expected 63825363 at offset 236, got "
                            + Integer.toHexString(Bytes.i32(in, 236)));
        }
        int type = 0;
        long seconds = 0;
        int at = DhcpRequest.OPTIONS_OFFSET;
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
            if (code == 53 && length == 1) {
                type = Bytes.u8(in, at + 2);
            } else if (code == 51 && length == 4) {
                seconds = Integer.toUnsignedLong(Bytes.i32(in, at + 2));
            }
            at += 2 + length;
        }
        return new DhcpLease(MacAddress.bits(in, 28), Bytes.i32(in, 16), type, seconds);
    }
}
