// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.network;

import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.regex.Pattern;

/// One machine of a network and how to reach it.
///
/// @param name one DNS label in lower case, unique in the network
/// @param publicKey the key of the member's attachment
/// @param vtep its address inside the tunnels, in 198.19.0.0/16 unless the network says otherwise
/// @param mac the only source address of its frames, unless it is a bridge
/// @param address its IPv4 address on the shared Ethernet
/// @param endpoints UDP addresses that may reach it, best first, at most [#ENDPOINTS_MAX]
/// @param bridge whether frames of machines behind it are accepted from it
public record Member(
        String name,
        PublicKey publicKey,
        Inet4Address vtep,
        MacAddress mac,
        Inet4Address address,
        List<InetSocketAddress> endpoints,
        boolean bridge) {
    /// Addresses one member may announce: a host with many cards, IPv4 and IPv6, fits.
    public static final int ENDPOINTS_MAX = 16;

    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    /// Checks the fields and copies the list.
    public Member {
        if (!LABEL.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "member: expected a DNS label in lower case as name, got " + name);
        }
        if (mac.isGroup() || mac.bits() == 0) {
            throw new IllegalArgumentException(
                    "member " + name + ": expected the MAC address of one station, got " + mac);
        }
        endpoints = List.copyOf(endpoints);
        if (endpoints.size() > ENDPOINTS_MAX) {
            throw new IllegalArgumentException(
                    "member " + name + ": expected at most 16 endpoints, got " + endpoints.size());
        }
        for (InetSocketAddress endpoint : endpoints) {
            if (endpoint.isUnresolved() || endpoint.getPort() == 0) {
                throw new IllegalArgumentException(
                        "member "
                                + name
                                + ": expected endpoints with address and port, got "
                                + endpoint);
            }
        }
    }
}
