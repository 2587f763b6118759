// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.neighbour;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.List;
import org.sparegrid.protocol.control.Neighbour;

/// Which addresses are a neighbour's, and which of this computer's are told to them.
final class ExchangeAddresses {
    private ExchangeAddresses() {}

    /// This computer's private addresses, or the one that its owner chose.
    ///
    /// @param chosen an address literal, or empty
    static List<InetAddress> own(String chosen) throws IOException {
        if (!chosen.isEmpty()) {
            return List.of(InetAddress.ofLiteral(chosen));
        }
        List<InetAddress> own = new ArrayList<>();
        for (NetworkInterface card :
                NetworkInterface.networkInterfaces().filter(ExchangeAddresses::isOfLan).toList()) {
            card.inetAddresses()
                    .filter(address -> isPrivate(address) && !address.isLoopbackAddress())
                    .filter(_ -> own.size() < Neighbour.ENDPOINTS_MAX)
                    .forEach(own::add);
        }
        return own;
    }

    /// Bridges and tunnels of virtual machines and containers lead to no neighbour.
    private static boolean isOfLan(NetworkInterface card) {
        try {
            return card.isUp()
                    && !card.isLoopback()
                    && !card.isPointToPoint()
                    && !card.getName().matches("(docker|virbr|br-|veth|podman|lxc|tap|sg).*");
        } catch (IOException gone) {
            return false;
        }
    }

    /// Whether who calls from `remote` may be a neighbour, at the address `local`: a private
    /// address is for the network that it is of. Who he is is another question.
    static boolean mayCall(InetAddress remote, InetAddress local) {
        return !isPrivate(local) || isPrivate(remote);
    }

    /// Source: RFC 1918, RFC 4193, RFC 6598.
    static boolean isPrivate(InetAddress address) {
        byte[] bytes = address.getAddress();
        return address.isLoopbackAddress()
                || address.isSiteLocalAddress()
                || (address instanceof Inet4Address
                        ? bytes[0] == 100 && (bytes[1] & 0xc0) == 64
                        : (bytes[0] & 0xfe) == 0xfc);
    }

    static String text(InetSocketAddress at) {
        String address = at.getAddress().getHostAddress();
        int scope = address.indexOf('%');
        String plain = scope < 0 ? address : address.substring(0, scope);
        return (at.getAddress() instanceof Inet6Address ? "[" + plain + "]" : plain)
                + ":"
                + at.getPort();
    }

    /// Reads `address:port` or `[address]:port`; never asks a name server.
    ///
    /// @throws IllegalArgumentException if it is something else, or nowhere for a neighbour to be
    static InetSocketAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1 || !text.substring(colon + 1).matches("[0-9]{4,5}")) {
            throw new IllegalArgumentException("expected address:port, got " + text);
        }
        String address = text.substring(0, colon);
        if (address.startsWith("[") && address.endsWith("]")) {
            address = address.substring(1, address.length() - 1);
        }
        InetAddress at = InetAddress.ofLiteral(address);
        int port = Integer.parseInt(text.substring(colon + 1));
        if (at.isAnyLocalAddress() || at.isMulticastAddress() || port < 1024) {
            throw new IllegalArgumentException("no neighbour is at " + text);
        }
        return new InetSocketAddress(at, port);
    }
}
