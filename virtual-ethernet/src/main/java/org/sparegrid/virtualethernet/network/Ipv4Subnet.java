// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.network;

import java.net.Inet4Address;

/// A range of IPv4 addresses that share their first bits.
///
/// @param network the lowest address of the range
/// @param prefixLength how many bits are shared, 8 to 30
public record Ipv4Subnet(Inet4Address network, int prefixLength) {
    /// Checks that the prefix is in range and no bit of `network` is set behind it.
    public Ipv4Subnet {
        if (prefixLength < 8 || prefixLength > 30) {
            throw new IllegalArgumentException(
                    "subnet: expected a prefix length of 8 to 30, got " + prefixLength);
        }
        if ((Ipv4.bits(network) & ~(-1 << (32 - prefixLength))) != 0) {
            throw new IllegalArgumentException(
                    "subnet: expected no address bits behind prefix "
                            + prefixLength
                            + ", got "
                            + network.getHostAddress());
        }
    }

    /// Reads `address/prefix`, as in `10.77.0.0/16`.
    public static Ipv4Subnet parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("subnet: expected address/prefix, got " + text);
        }
        try {
            int prefix = Integer.parseInt(text.substring(slash + 1));
            return new Ipv4Subnet(Inet4Address.ofLiteral(text.substring(0, slash)), prefix);
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException(
                    "subnet: expected address/prefix, got " + text, notANumber);
        }
    }

    /// Whether `address` is in the range.
    public boolean contains(Inet4Address address) {
        return contains(Ipv4.bits(address));
    }

    /// Whether the address with these bits is in the range.
    public boolean contains(int addressBits) {
        return (addressBits & maskBits()) == Ipv4.bits(network);
    }

    /// The mask as a number: the shared bits are 1.
    public int maskBits() {
        return -1 << (32 - prefixLength);
    }

    /// The highest address, which is the subnet's broadcast address.
    public int broadcastBits() {
        return Ipv4.bits(network) | ~maskBits();
    }

    @Override
    public String toString() {
        return network.getHostAddress() + "/" + prefixLength;
    }
}
