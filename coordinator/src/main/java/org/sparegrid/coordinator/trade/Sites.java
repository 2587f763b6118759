// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which computers may well reach each other: those that the coordinator sees at one address.
final class Sites {
    private static final Pattern ENDPOINT =
            Pattern.compile("(?:([0-9.]{7,15})|\\[([0-9a-f:.]{2,45})\\]):([0-9]{4,5})");

    /// Below it are services that nobody wants to be called by strangers' computers.
    private static final int PORT_MIN = 1024;

    private static final int PORT_MAX = 65_535;

    private static final HexFormat HEX = HexFormat.of();

    private Sites() {}

    /// A name for the site of a computer that called from this address.
    ///
    /// @param pool what its owner calls its pool, or empty
    static Optional<String> of(String address, String pool) {
        if (!pool.matches("[a-z0-9-]{0,32}")) {
            return Optional.empty();
        }
        return literal(address).map(from -> of(from, pool));
    }

    private static String of(InetAddress from, String pool) {
        if (isInside(from)) {
            return "inside " + pool;
        }
        byte[] bytes = from.getAddress();
        // A household has one IPv4 address or one /64, an organisation a /24 or a /48.
        int known = bytes.length == 4 ? (pool.isEmpty() ? 4 : 3) : (pool.isEmpty() ? 8 : 6);
        return HEX.formatHex(bytes, 0, known) + " " + pool;
    }

    /// Whether neighbours may be told that endpoint of a computer that called from this address.
    static boolean mayBeNamed(String endpoint, String caller) {
        Matcher parts = ENDPOINT.matcher(endpoint);
        if (!parts.matches()) {
            return false;
        }
        int port = Integer.parseInt(parts.group(3));
        Optional<InetAddress> named =
                literal(parts.group(1) != null ? parts.group(1) : parts.group(2));
        Optional<InetAddress> from = literal(caller);
        if (named.isEmpty() || from.isEmpty() || port < PORT_MIN || port > PORT_MAX) {
            return false;
        }
        InetAddress at = named.get();
        if (at.isLoopbackAddress()) {
            return from.get().isLoopbackAddress();
        }
        return (!at.isLinkLocalAddress() && isInside(at)) || at.equals(from.get());
    }

    /// Whether it is a private address. Source: RFC 1918, RFC 4193, RFC 6598.
    private static boolean isInside(InetAddress address) {
        byte[] bytes = address.getAddress();
        return address.isSiteLocalAddress()
                || address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || (address instanceof Inet4Address
                        ? bytes[0] == 100 && (bytes[1] & 0xc0) == 64
                        : (bytes[0] & 0xfe) == 0xfc);
    }

    private static Optional<InetAddress> literal(String text) {
        try {
            int scope = text.indexOf('%');
            return Optional.of(InetAddress.ofLiteral(scope < 0 ? text : text.substring(0, scope)));
        } catch (IllegalArgumentException none) {
            return Optional.empty();
        }
    }
}
