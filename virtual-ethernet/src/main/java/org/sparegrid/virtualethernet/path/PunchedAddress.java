// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.sparegrid.virtualethernet.network.Endpoints;

/// Stands for "from that further port, to whoever was let in there" wherever a peer's UDP address
/// is meant: in the block that no network carries (RFC 6666), so that no datagram comes from it.
public final class PunchedAddress {
    private static final long PREFIX = 0x0100_0000_0000_0000L;

    /// Tells it from the addresses of relays, which have 1 and 2.
    private static final int PORT = 3;

    private PunchedAddress() {}

    /// The address of the further port of that number.
    public static InetSocketAddress of(long number) {
        byte[] bytes = ByteBuffer.allocate(16).putLong(PREFIX).putLong(number).array();
        return new InetSocketAddress(Endpoints.address(bytes), PORT);
    }

    /// Whether `address` stands for a further port.
    public static boolean is(InetSocketAddress address) {
        if (address.getPort() != PORT) {
            return false;
        }
        byte[] bytes = address.getAddress().getAddress();
        return bytes.length == 16 && ByteBuffer.wrap(bytes).getLong() == PREFIX;
    }

    /// The number of a further port's address.
    public static long number(InetSocketAddress address) {
        return ByteBuffer.wrap(address.getAddress().getAddress()).getLong(8);
    }
}
