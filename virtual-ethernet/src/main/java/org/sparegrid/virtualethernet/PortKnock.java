// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.sparegrid.virtualethernet.stun.StunMessage;

/// Knocks at other computers' ports as a stranger, for [VirtualEthernet#awaitKnock] there.
public final class PortKnock {
    private static final System.Logger LOG = System.getLogger(PortKnock.class.getName());

    /// Before each knock. Whoever is told of it by another way hears so before the last; and the
    /// network may lose two.
    private static final List<Duration> WAITS =
            List.of(Duration.ofMillis(300), Duration.ofMillis(700), Duration.ofSeconds(2));

    private PortKnock() {}

    /// Sends the STUN Binding request with that transaction to each of these ports, three times
    /// within three seconds, from a port of its own to which nobody has sent anything.
    public static void send(List<InetSocketAddress> ports, long label, int secret)
            throws IOException, InterruptedException {
        byte[] knock =
                new StunMessage.Request(
                                new StunMessage.Transaction(label, secret),
                                Optional.empty(),
                                List.of())
                        .toBytes();
        try (DatagramSocket socket = new DatagramSocket()) {
            for (Duration wait : WAITS) {
                Thread.sleep(wait);
                ports.forEach(port -> send(socket, knock, port));
            }
        }
    }

    private static void send(DatagramSocket socket, byte[] knock, InetSocketAddress port) {
        try {
            socket.send(new DatagramPacket(knock, knock.length, port));
        } catch (IOException | IllegalArgumentException refused) {
            LOG.log(Level.TRACE, "the network refuses a datagram now", refused);
        }
    }
}
