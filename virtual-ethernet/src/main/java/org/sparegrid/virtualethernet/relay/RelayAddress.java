// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.relay;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.sparegrid.virtualethernet.network.Endpoints;

/// Stands for "through that session of that relay" wherever a peer's UDP address is meant.
///
/// It lies in 100::/64, to which no router delivers (RFC 6666), so that no datagram comes from
/// there and none gets out should one be sent unwrapped by mistake.
///
/// @param relay the number of the relay in [RelayTable]
/// @param session the relay's number for the two peers, 24 bits
public record RelayAddress(int relay, int session) {
    private static final long PREFIX = 0x0100_0000_0000_0000L;

    /// The port has no meaning; zero would be refused as an address.
    private static final int PORT = 1;

    public RelayAddress {
        if (relay < 0 || relay >= RelayTable.RELAYS_MAX || session >>> 24 != 0) {
            throw new IllegalArgumentException("relay address: out of range");
        }
    }

    /// Whether `address` stands for a relay's session.
    public static boolean is(InetSocketAddress address) {
        if (address.getPort() != PORT) {
            return false;
        }
        byte[] bytes = address.getAddress().getAddress();
        return bytes.length == 16 && ByteBuffer.wrap(bytes).getLong() == PREFIX;
    }

    /// Takes an address apart of which [#is] holds.
    public static RelayAddress of(InetSocketAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress().getAddress());
        return new RelayAddress(bytes.getInt(8), bytes.getInt(12));
    }

    /// The address by which paths and sessions know it.
    public InetSocketAddress toSocketAddress() {
        byte[] bytes =
                ByteBuffer.allocate(16).putLong(PREFIX).putInt(relay).putInt(session).array();
        return new InetSocketAddress(Endpoints.address(bytes), PORT);
    }
}
