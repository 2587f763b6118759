// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.api;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// The port of a node that stands by: hands each connection to the node that leads, as it is. TLS
/// ends there, so this node sees nothing of it.
public final class Forwarder implements AutoCloseable {
    private static final int START_SECONDS_MAX = 60;
    private static final int STOP_SECONDS_MAX = 10;
    private static final int CONNECT_MILLIS_MAX = 3_000;

    private final Vertx vertx;
    private final NetClient client;
    private final Supplier<Optional<String>> leader;

    private Forwarder(Vertx vertx, Supplier<Optional<String>> leader) {
        this.vertx = vertx;
        this.client =
                vertx.createNetClient(
                        new io.vertx.core.net.NetClientOptions()
                                .setConnectTimeout(CONNECT_MILLIS_MAX));
        this.leader = leader;
    }

    /// Begins to hand on.
    ///
    /// @param leader the address of the node that leads, `host:port`, if one does
    /// @throws IOException if the port can't be had
    public static Forwarder open(String address, int port, Supplier<Optional<String>> leader)
            throws IOException {
        Vertx vertx = Vertx.vertx(HttpEdge.WITHOUT_FILES);
        Forwarder forwarder = new Forwarder(vertx, leader);
        NetServer server =
                vertx.createNetServer(new NetServerOptions().setHost(address).setPort(port));
        server.connectHandler(forwarder::accept);
        try {
            server.listen()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .orTimeout(START_SECONDS_MAX, TimeUnit.SECONDS)
                    .join();
            return forwarder;
        } catch (CompletionException refused) {
            forwarder.close();
            throw new IOException("port " + port + ": " + refused.getCause(), refused);
        }
    }

    @Override
    public void close() {
        vertx.close()
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(STOP_SECONDS_MAX, TimeUnit.SECONDS)
                .join();
    }

    private void accept(NetSocket from) {
        Optional<String> to = leader.get();
        if (to.isEmpty()) {
            from.close();
            return;
        }
        String place = to.get();
        int colon = place.lastIndexOf(':');
        from.pause();
        client.connect(Integer.parseInt(place.substring(colon + 1)), place.substring(0, colon))
                .onSuccess(leads -> {
                    from.closeHandler(gone -> leads.close());
                    leads.closeHandler(gone -> from.close());
                    from.pipeTo(leads);
                    leads.pipeTo(from);
                })
                .onFailure(refused -> from.close());
    }
}
