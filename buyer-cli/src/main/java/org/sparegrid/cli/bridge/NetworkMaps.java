// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.bridge;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sparegrid.protocol.market.NetworkMember;
import org.sparegrid.protocol.market.NetworkRelay;
import org.sparegrid.protocol.market.NetworkView;
import org.sparegrid.virtualethernet.network.Ipv4Subnet;
import org.sparegrid.virtualethernet.network.MacAddress;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.network.RelaySpec;

/// Turns what the coordinator says of a network into what the overlay must know of it.
final class NetworkMaps {
    private static final System.Logger LOG = System.getLogger(NetworkMaps.class.getName());

    private NetworkMaps() {}

    /// The overlay's map of a network.
    ///
    /// @throws IllegalArgumentException if the view is not consistent in itself
    static NetworkMap of(NetworkView view) {
        return new NetworkMap(
                view.version(),
                view.name(),
                view.vni(),
                Ipv4Subnet.parse(view.subnet()),
                Inet4Address.ofLiteral(view.serviceAddress()),
                view.domain(),
                view.mtu(),
                view.members().stream().map(NetworkMaps::member).toList(),
                view.relays().stream().flatMap(relay -> relay(relay).stream()).toList());
    }

    /// The relay, if its name can be resolved now; without it the network still works wherever
    /// members reach each other.
    private static Optional<RelaySpec> relay(NetworkRelay relay) {
        int colon = relay.endpoint().lastIndexOf(':');
        try {
            InetAddress host =
                    InetAddress.getByName(relay.endpoint().substring(0, Math.max(0, colon)));
            int port = Integer.parseInt(relay.endpoint().substring(colon + 1));
            return Optional.of(
                    new RelaySpec(
                            new InetSocketAddress(host, port),
                            PublicKey.parse(relay.publicKey()),
                            relay.stream().isEmpty()
                                    ? Optional.empty()
                                    : Optional.of(URI.create(relay.stream()))));
        } catch (UnknownHostException unknown) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    () -> "relay is unknown endpoint=" + relay.endpoint() + " cause=" + unknown);
            return Optional.empty();
        }
    }

    private static Member member(NetworkMember member) {
        List<InetSocketAddress> endpoints = new ArrayList<>();
        for (String endpoint : member.endpoints()) {
            endpoints.add(endpoint(endpoint));
        }
        return new Member(
                member.name(),
                PublicKey.parse(member.publicKey()),
                Inet4Address.ofLiteral(member.tunnelAddress()),
                MacAddress.parse(member.mac()),
                Inet4Address.ofLiteral(member.address()),
                endpoints,
                member.kind() == NetworkMember.Kind.HOST);
    }

    /// Reads `address:port` or `[address]:port`; never asks a name server.
    static InetSocketAddress endpoint(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1 || !text.substring(colon + 1).matches("[0-9]{1,5}")) {
            throw new IllegalArgumentException(
                    "endpoint: expected address:port, got '" + text + "'");
        }
        String host = text.substring(0, colon);
        String address =
                host.startsWith("[") && host.endsWith("]")
                        ? host.substring(1, host.length() - 1)
                        : host;
        return new InetSocketAddress(
                InetAddress.ofLiteral(address), Integer.parseInt(text.substring(colon + 1)));
    }

    /// Writes an endpoint as the coordinator takes it.
    static String text(InetSocketAddress endpoint) {
        String address = endpoint.getAddress().getHostAddress();
        int zone = address.indexOf('%');
        String plain = zone < 0 ? address : address.substring(0, zone);
        return (plain.contains(":") ? "[" + plain + "]" : plain) + ":" + endpoint.getPort();
    }
}
