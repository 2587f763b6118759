// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.relay;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.sparegrid.virtualethernet.network.Endpoints;

/// The address by which a relay knows a WebSocket, and a machine knows a relay behind one: in the
/// block that no network carries (RFC 6666), so that no datagram comes from it.
public final class StreamAddress {
    private static final long PREFIX = 0x0100_0000_0000_0000L;

    /// Tells it from [RelayAddress], which has 1.
    private static final int PORT = 2;

    private StreamAddress() {}

    /// The address of a stream.
    public static InetSocketAddress of(long number) {
        byte[] bytes = ByteBuffer.allocate(16).putLong(PREFIX).putLong(number).array();
        return new InetSocketAddress(Endpoints.address(bytes), PORT);
    }

    /// Whether `address` stands for a stream.
    public static boolean is(InetSocketAddress address) {
        if (address.getPort() != PORT) {
            return false;
        }
        byte[] bytes = address.getAddress().getAddress();
        return bytes.length == 16 && ByteBuffer.wrap(bytes).getLong() == PREFIX;
    }

    /// The number of a stream's address.
    public static long number(InetSocketAddress address) {
        return ByteBuffer.wrap(address.getAddress().getAddress()).getLong(8);
    }
}
