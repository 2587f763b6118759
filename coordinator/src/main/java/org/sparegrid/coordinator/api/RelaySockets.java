// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.api;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import java.net.InetAddress;
import java.util.Optional;
import org.sparegrid.virtualethernet.RelayStreamServer;
import org.sparegrid.virtualethernet.UdpRelay;

/// The relay's WebSockets, for machines that UDP does not reach. Whoever sends anything else than a
/// member's sealed bind is cut off by the relay itself.
final class RelaySockets {
    static final String PATH = "/v1/relay";

    /// Bytes that wait for a slow machine: a tenth of a second at 20 Mbit/s. More are dropped.
    private static final int WAITING_BYTES_MAX = 256 * 1024;

    private final UdpRelay relay;

    RelaySockets(UdpRelay relay) {
        this.relay = relay;
    }

    /// Takes over a WebSocket; runs on its event loop.
    void accept(ServerWebSocket socket) {
        socket.setWriteQueueMaxSize(WAITING_BYTES_MAX);
        InetAddress address = InetAddress.ofLiteral(socket.remoteAddress().hostAddress());
        Optional<RelayStreamServer.Stream> stream = relay.connect(address, new Outlet(socket));
        if (stream.isEmpty()) {
            socket.close((short) 1013, "too many streams");
            return;
        }
        socket.binaryMessageHandler(message -> stream.get().receive(message.getBytes()));
        socket.closeHandler(_ -> stream.get().closed());
        socket.exceptionHandler(_ -> socket.close());
    }

    private record Outlet(ServerWebSocket socket) implements RelayStreamServer.Outlet {
        @Override
        public void send(byte[] message) {
            if (!socket.writeQueueFull()) {
                socket.writeBinaryMessage(Buffer.buffer(message));
            }
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}
