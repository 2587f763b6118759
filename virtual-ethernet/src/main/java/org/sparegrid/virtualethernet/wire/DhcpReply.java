// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.wire;

import java.io.ByteArrayOutputStream;
import org.sparegrid.virtualethernet.frame.Bytes;
import org.sparegrid.virtualethernet.network.MacAddress;

/// What a DHCP server answers, put together option by option. Source: RFC 2131, RFC 2132.
public final class DhcpReply {
    /// Message type: you may have this address.
    public static final int OFFER = 2;

    /// Message type: the address is yours.
    public static final int ACK = 5;

    /// Message type: that address is not yours.
    public static final int NAK = 6;

    /// Shortest message that every client accepts (RFC 1542, section 2.1).
    private static final int LENGTH_MIN = 300;

    private final byte[] header = new byte[DhcpRequest.OPTIONS_OFFSET];
    private final ByteArrayOutputStream options = new ByteArrayOutputStream();

    /// An answer to `request` that assigns `yourAddress`, or 0 for none.
    public DhcpReply(DhcpRequest request, int type, int yourAddress, int server) {
        header[0] = 2;
        header[1] = 1;
        header[2] = 6;
        Bytes.put32(header, 4, request.transaction());
        Bytes.put16(header, 10, request.flags());
        Bytes.put32(header, 12, type == NAK ? 0 : request.clientAddress());
        Bytes.put32(header, 16, yourAddress);
        new MacAddress(request.clientMac()).write(header, 28);
        Bytes.put32(header, 236, DhcpRequest.COOKIE);
        option(53, new byte[] {(byte) type});
        option(54, server);
    }

    /// Adds an option that is a number or an address of 32 bits.
    public DhcpReply option(int code, int value) {
        byte[] bytes = new byte[4];
        Bytes.put32(bytes, 0, value);
        return option(code, bytes);
    }

    /// Adds an option of at most 255 bytes.
    public DhcpReply option(int code, byte[] value) {
        if (value.length > 255) {
            throw new IllegalArgumentException(
                    "dhcp: expected an option of at most 255 bytes, got " + value.length);
        }
        options.write(code);
        options.write(value.length);
        options.writeBytes(value);
        return this;
    }

    /// The message.
    public byte[] toBytes() {
        int length = header.length + options.size() + 1;
        byte[] out = new byte[Math.max(length, LENGTH_MIN)];
        System.arraycopy(header, 0, out, 0, header.length);
        System.arraycopy(options.toByteArray(), 0, out, header.length, options.size());
        out[length - 1] = (byte) 255;
        return out;
    }
}
