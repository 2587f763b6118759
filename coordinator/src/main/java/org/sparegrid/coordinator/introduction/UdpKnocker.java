// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.introduction;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.sparegrid.virtualethernet.PortKnock;

/// Knocks for three seconds, each time from another port of this computer.
public final class UdpKnocker implements Knocker {
    private static final System.Logger LOGGER = System.getLogger(UdpKnocker.class.getName());

    /// At once, each with a socket for three seconds; a seller that is left out has its turn after
    /// some minutes.
    private static final int AT_ONCE_MAX = 256;

    private final Semaphore room = new Semaphore(AT_ONCE_MAX);

    @Override
    public void knock(List<String> endpoints, long label, int secret) {
        if (!room.tryAcquire()) {
            LOGGER.log(System.Logger.Level.DEBUG, () -> "too many knocks at once");
            return;
        }
        Thread.ofVirtual()
                .name("knock")
                .start(() -> {
                    try {
                        PortKnock.send(
                                endpoints.stream().map(UdpKnocker::endpoint).toList(),
                                label,
                                secret);
                    } catch (IOException | IllegalArgumentException failed) {
                        LOGGER.log(System.Logger.Level.DEBUG, () -> "cannot knock cause=" + failed);
                    } catch (InterruptedException _) {
                        Thread.currentThread().interrupt();
                    } finally {
                        room.release();
                    }
                });
    }

    /// Reads an endpoint of a member; never asks a name server.
    ///
    /// @throws IllegalArgumentException if there is no such port, or no such interface here
    static InetSocketAddress endpoint(String text) {
        int colon = text.lastIndexOf(':');
        String address = text.substring(0, colon).replaceAll("^\\[|]$", "");
        return new InetSocketAddress(
                InetAddress.ofLiteral(address), Integer.parseInt(text.substring(colon + 1)));
    }
}
