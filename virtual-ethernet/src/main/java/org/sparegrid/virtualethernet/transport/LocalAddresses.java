// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.transport;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// The addresses of this computer.
public final class LocalAddresses {
    private LocalAddresses() {}

    /// Addresses of interfaces that are up, IPv4 first, without link-local ones and those that
    /// `isOverlay` knows; loopback only if there is nothing else.
    public static List<InetAddress> find(Predicate<InetAddress> isOverlay) throws IOException {
        List<InetAddress> version4 = new ArrayList<>();
        List<InetAddress> version6 = new ArrayList<>();
        for (NetworkInterface card : NetworkInterface.networkInterfaces().toList()) {
            if (!card.isUp()) {
                continue;
            }
            for (InetAddress address : card.inetAddresses().toList()) {
                boolean reachable =
                        !address.isLoopbackAddress()
                                && !address.isLinkLocalAddress()
                                && !isOverlay.test(address);
                if (reachable) {
                    (address instanceof Inet4Address ? version4 : version6).add(address);
                }
            }
        }
        version4.addAll(version6);
        return version4.isEmpty() ? List.of(InetAddress.ofLiteral("127.0.0.1")) : version4;
    }
}
