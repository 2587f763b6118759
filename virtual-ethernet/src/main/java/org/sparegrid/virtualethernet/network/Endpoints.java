// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.network;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/// UDP addresses as bytes, and what kind of address they are.
public final class Endpoints {
    /// Bytes of an address on the wire: 16 of IPv6, IPv4 as `::ffff:a.b.c.d`, and the port.
    public static final int LENGTH_BYTES = 18;

    private Endpoints() {}

    /// Writes an endpoint as [#LENGTH_BYTES] bytes, big-endian.
    public static void write(ByteBuffer out, InetSocketAddress endpoint) {
        byte[] address = endpoint.getAddress().getAddress();
        if (address.length == 4) {
            out.putLong(0).putShort((short) 0).putShort((short) 0xffff);
        }
        out.put(address).putShort((short) endpoint.getPort());
    }

    /// Reads what [#write] wrote.
    public static InetSocketAddress read(ByteBuffer in) {
        byte[] address = new byte[16];
        in.get(address);
        return new InetSocketAddress(address(address), Short.toUnsignedInt(in.getShort()));
    }

    /// The address that these 4 or 16 bytes are. 16 that say `::ffff:a.b.c.d` are an IPv4 address;
    /// formats that have a place of their own for those ask [#isMapped] first.
    public static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException wrongLength) {
            throw new IllegalArgumentException(
                    "address: expected 4 or 16 bytes, got " + bytes.length, wrongLength);
        }
    }

    /// Whether these bytes are an IPv4 address in the form of IPv6. Source: RFC 4291, section
    /// 2.5.5.2.
    public static boolean isMapped(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        return bytes.length == 16 && in.getLong(0) == 0 && in.getInt(8) == 0xffff;
    }

    /// Whether a datagram may be sent there at all: one machine's address and a port.
    public static boolean isUsable(InetSocketAddress endpoint) {
        InetAddress address = endpoint.getAddress();
        return address != null
                && endpoint.getPort() != 0
                && !address.isAnyLocalAddress()
                && !address.isMulticastAddress()
                && !isBroadcast(address);
    }

    /// Whether the address means the same machine everywhere, so that naming it aims at nobody's
    /// inner network. Source: RFC 6890; 100.64.0.0/10 is inner, it belongs to providers' NATs.
    public static boolean isPublic(InetAddress address) {
        if (address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isAnyLocalAddress()
                || address.isMulticastAddress()) {
            return false;
        }
        byte[] bytes = address.getAddress();
        int first = Byte.toUnsignedInt(bytes[0]);
        int second = Byte.toUnsignedInt(bytes[1]);
        return address instanceof Inet4Address
                ? first != 0 && first < 240 && !(first == 100 && second >= 64 && second < 128)
                : (first & 0xfe) != 0xfc && !(first == 1 && second == 0);
    }

    /// `address:port`, or `[address]:port` for IPv6, without the name of an interface.
    public static String text(InetSocketAddress endpoint) {
        String address = endpoint.getAddress().getHostAddress();
        int scope = address.indexOf('%');
        String plain = scope < 0 ? address : address.substring(0, scope);
        boolean version6 = plain.indexOf(':') >= 0;
        return (version6 ? "[" + plain + "]" : plain) + ":" + endpoint.getPort();
    }

    private static boolean isBroadcast(InetAddress address) {
        return address instanceof Inet4Address version4 && Ipv4.bits(version4) == -1;
    }
}
