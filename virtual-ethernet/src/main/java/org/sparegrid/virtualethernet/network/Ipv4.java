// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.network;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/// IPv4 addresses as numbers, first byte highest, and back.
public final class Ipv4 {
    private Ipv4() {}

    /// The address as a number.
    public static int bits(Inet4Address address) {
        return bits(address.getAddress(), 0);
    }

    /// The four bytes at `offset` as a number.
    public static int bits(byte[] bytes, int offset) {
        return ((bytes[offset] & 0xff) << 24)
                | ((bytes[offset + 1] & 0xff) << 16)
                | ((bytes[offset + 2] & 0xff) << 8)
                | (bytes[offset + 3] & 0xff);
    }

    /// The address of a number.
    public static Inet4Address address(int bits) {
        byte[] bytes = {
            (byte) (bits >>> 24), (byte) (bits >>> 16), (byte) (bits >>> 8), (byte) bits
        };
        try {
            return (Inet4Address) InetAddress.getByAddress(bytes);
        } catch (UnknownHostException never) {
            throw new AssertionError("four bytes are always an address", never);
        }
    }
}
