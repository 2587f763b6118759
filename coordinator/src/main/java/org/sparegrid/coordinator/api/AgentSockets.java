// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.api;

import io.vertx.core.Vertx;
import io.vertx.core.http.ServerWebSocket;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.sparegrid.coordinator.operation.Operations;
import org.sparegrid.coordinator.session.AgentLine;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.control.CoordinatorFrame;

/// The sessions of all agents, over the connections that come and go.
final class AgentSockets {
    private static final Logger LOG = System.getLogger(AgentSockets.class.getName());

    private final Operations operations;
    private final Vertx vertx;
    private final Duration heartbeat;
    private final Function<X509Certificate, SellerId> sellerOf;
    private final Map<SellerId, AgentLine> lines = new ConcurrentHashMap<>();
    private final SecureRandom random = new SecureRandom();

    AgentSockets(
            Operations operations,
            Vertx vertx,
            Duration heartbeat,
            Function<X509Certificate, SellerId> sellerOf) {
        this.operations = operations;
        this.vertx = vertx;
        this.heartbeat = heartbeat;
        this.sellerOf = sellerOf;
    }

    /// Takes over a WebSocket; runs on its event loop.
    void accept(ServerWebSocket socket) {
        Optional<SellerId> seller = Call.seller(socket.sslSession(), sellerOf);
        if (seller.isEmpty()) {
            refuse(socket, "an agent must present its certificate; join first");
            return;
        }
        AgentConnection connection =
                new AgentConnection(seller.get(), socket, operations, this::line, heartbeat, vertx);
        LOG.log(Level.DEBUG, () -> "agent connected seller=" + seller.get());
        connection.start();
    }

    /// The session of that seller, whatever carries it.
    AgentLine line(SellerId seller) {
        return lines.computeIfAbsent(seller, id -> new AgentLine(this::newSession));
    }

    private String newSession() {
        byte[] bytes = new byte[16];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    static void refuse(ServerWebSocket socket, String why) {
        socket.writeBinaryMessage(AgentConnection.encode(new CoordinatorFrame.Refused(why)))
                .onComplete(sent -> socket.close((short) 1008, why));
    }
}
