// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.portmapping;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.sparegrid.virtualethernet.network.Endpoints;

/// The router of the local network, and this computer as the router knows it.
///
/// @param address where the router is
/// @param own this computer's address towards it
public record Router(Inet4Address address, Inet4Address own) {
    /// Routes of Linux; `Gateway` is a hexadecimal number in the machine's byte order.
    private static final Path ROUTES = Path.of("/proc/net/route");

    /// The router of the IPv4 default route; empty if there is none.
    public static Optional<Router> ofDefaultRoute() throws IOException {
        Optional<Inet4Address> gateway = gateway(Files.readAllLines(ROUTES));
        if (gateway.isEmpty()) {
            return Optional.empty();
        }
        try (DatagramSocket socket = new DatagramSocket(null)) {
            socket.connect(new InetSocketAddress(gateway.get(), 9));
            return socket.getLocalAddress() instanceof Inet4Address own
                    ? Optional.of(new Router(gateway.get(), own))
                    : Optional.empty();
        }
    }

    /// The gateway of the default route with the smallest metric.
    static Optional<Inet4Address> gateway(List<String> routes) {
        Optional<Inet4Address> best = Optional.empty();
        long bestMetric = Long.MAX_VALUE;
        for (String route : routes) {
            String[] columns = route.strip().split("\\s+", -1);
            boolean isDefault =
                    columns.length >= 8
                            && columns[1].equals("00000000")
                            && columns[7].equals("00000000")
                            && columns[2].matches("[0-9A-F]{8}")
                            && !columns[2].equals("00000000")
                            && columns[6].matches("[0-9]{1,10}");
            if (isDefault && Long.parseLong(columns[6]) < bestMetric) {
                bestMetric = Long.parseLong(columns[6]);
                byte[] bytes =
                        ByteBuffer.allocate(4)
                                .order(ByteOrder.nativeOrder())
                                .putInt(HexFormat.fromHexDigits(columns[2]))
                                .array();
                InetAddress address = Endpoints.address(bytes);
                best = Optional.of((Inet4Address) address);
            }
        }
        return best;
    }
}
