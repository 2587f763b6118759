// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.portmapping;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;

/// Asks by the Port Control Protocol (RFC 6887).
final class PcpMapper implements PortMapper {
    private final Router router;
    private final int routerPort;
    private final byte[] nonce = new byte[PcpMessage.NONCE_LENGTH];

    /// @param routerPort the server's UDP port, 5351 by the standard
    PcpMapper(Router router, int routerPort) {
        this.router = router;
        this.routerPort = routerPort;
        // Only who knows the nonce of a mapping may change it (section 11.2).
        new SecureRandom().nextBytes(nonce);
    }

    @Override
    public String name() {
        return "PCP";
    }

    @Override
    public PortMapping map(int ownPort, int wantedPort, Duration lifetime) throws IOException {
        PcpMessage.Answer answer = ask(ownPort, wantedPort, lifetime.toSeconds());
        if (answer.code() == PcpMessage.UNSUPPORTED_VERSION) {
            throw new IOException("the router speaks another version of PCP");
        }
        if (answer.code() != 0 || answer.lifetimeSeconds() == 0) {
            throw new MappingRefusedException("PCP: the router " + reason(answer.code()));
        }
        return new PortMapping(answer.external(), Duration.ofSeconds(answer.lifetimeSeconds()));
    }

    @Override
    public void unmap(int ownPort, int externalPort) throws IOException {
        PcpMessage.Answer answer = ask(ownPort, 0, 0);
        if (answer.code() != 0) {
            throw new MappingRefusedException("PCP: the router " + reason(answer.code()));
        }
    }

    private PcpMessage.Answer ask(int ownPort, int wantedPort, long seconds) throws IOException {
        try (RouterSocket socket = new RouterSocket(router, routerPort)) {
            return socket.ask(
                    PcpMessage.request(router.own(), nonce, ownPort, wantedPort, seconds),
                    message -> PcpMessage.parse(message, nonce, ownPort));
        }
    }

    /// Source: RFC 6887, section 7.4.
    private static String reason(int code) {
        return switch (code) {
            case 2 -> "is not allowed to map ports";
            case 4 -> "does not know the request";
            case 7 -> "has no connection to the Internet";
            case 8 -> "has no port left";
            case 10 -> "has given this computer all ports that it may have";
            case 11 -> "cannot give the wanted port";
            case 12 -> "sees another address of this computer: there is a NAT before it";
            default -> "answers with code " + code;
        };
    }
}
