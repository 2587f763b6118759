// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.portmapping;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;

/// Asks by NAT-PMP (RFC 6886), which older routers speak.
final class NatPmpMapper implements PortMapper {
    private final Router router;
    private final int routerPort;

    /// @param routerPort the server's UDP port, 5351 by the standard
    NatPmpMapper(Router router, int routerPort) {
        this.router = router;
        this.routerPort = routerPort;
    }

    @Override
    public String name() {
        return "NAT-PMP";
    }

    @Override
    public PortMapping map(int ownPort, int wantedPort, Duration lifetime) throws IOException {
        try (RouterSocket socket = new RouterSocket(router, routerPort)) {
            InetAddress outside =
                    socket.ask(NatPmpMessage.addressRequest(), NatPmpMessage::parseAddress);
            NatPmpMessage.Mapped mapped = ask(socket, ownPort, wantedPort, lifetime.toSeconds());
            if (mapped.externalPort() == 0 || mapped.lifetimeSeconds() == 0) {
                throw new MappingRefusedException("NAT-PMP: the router gives no port");
            }
            return new PortMapping(
                    new InetSocketAddress(outside, mapped.externalPort()),
                    Duration.ofSeconds(mapped.lifetimeSeconds()));
        }
    }

    @Override
    public void unmap(int ownPort, int externalPort) throws IOException {
        try (RouterSocket socket = new RouterSocket(router, routerPort)) {
            ask(socket, ownPort, 0, 0);
        }
    }

    private static NatPmpMessage.Mapped ask(
            RouterSocket socket, int ownPort, int wantedPort, long seconds) throws IOException {
        return socket.ask(
                NatPmpMessage.mapRequest(ownPort, wantedPort, seconds),
                message -> NatPmpMessage.parseMapped(message, ownPort));
    }
}
