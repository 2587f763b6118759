// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.api;

import io.vertx.core.Vertx;
import io.vertx.core.http.ServerWebSocket;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.function.Function;
import org.sparegrid.coordinator.operation.Streams;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.StreamId;
import org.sparegrid.protocol.control.CoordinatorMessage;

/// The WebSockets over which agents bring streams that were asked for.
///
/// Source: docs/protocol/agent-session.md, section "Streams".
final class AgentStreams {
    private final Streams streams;
    private final Vertx vertx;
    private final Function<X509Certificate, SellerId> sellerOf;

    AgentStreams(Streams streams, Vertx vertx, Function<X509Certificate, SellerId> sellerOf) {
        this.streams = streams;
        this.vertx = vertx;
        this.sellerOf = sellerOf;
    }

    /// Whether the path is that of a stream.
    static boolean isAt(String path) {
        return path.startsWith(CoordinatorMessage.STREAMS_PATH);
    }

    /// Takes over a WebSocket; runs on its event loop.
    void accept(ServerWebSocket socket) {
        Optional<SellerId> seller = Call.seller(socket.sslSession(), sellerOf);
        SocketStream carrier = new SocketStream(socket, vertx);
        if (seller.isEmpty() || !brought(seller.get(), socket.path(), carrier)) {
            socket.close((short) 1008, "nobody waits for that stream");
        }
    }

    private boolean brought(SellerId seller, String path, SocketStream carrier) {
        try {
            String name = path.substring(CoordinatorMessage.STREAMS_PATH.length());
            return streams.brought(seller, new StreamId(name), carrier);
        } catch (IllegalArgumentException noName) {
            return false;
        }
    }
}
