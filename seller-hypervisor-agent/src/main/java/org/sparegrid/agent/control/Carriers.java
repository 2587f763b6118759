// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.control;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.net.ClientOptionsBase;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.sparegrid.agent.identity.Identity;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.tls.PinnedAuthority;

/// Opens what carries a session to the coordinator, over TLS with this computer's certificate.
final class Carriers {
    private static final int CONNECT_MILLIS_MAX = 10_000;

    /// How long the answer to a request for a WebSocket may take.
    private static final int UPGRADE_MILLIS_MAX = 30_000;

    /// A poll that waits and one that speaks.
    private static final int POLLS_AT_ONCE_MAX = 2;

    private final Identity identity;
    private final Vertx vertx;
    private final Context loop;
    private final RandomGenerator random;
    private final WebSocketClient webSockets;

    /// Made when it is first needed: most computers never poll.
    private @Nullable HttpClient requests;

    Carriers(Identity identity, Vertx vertx, Context loop, RandomGenerator random) {
        this.identity = identity;
        this.vertx = vertx;
        this.loop = loop;
        this.random = random;
        this.webSockets =
                vertx.createWebSocketClient(
                        secured(new WebSocketClientOptions(), identity)
                                .setVerifyHost(true)
                                .setMaxFrameSize(Format.LENGTH_MAX_BYTES)
                                .setMaxMessageSize(Format.LENGTH_MAX_BYTES));
    }

    private static <O extends ClientOptionsBase> O secured(O options, Identity identity) {
        options.setConnectTimeout(CONNECT_MILLIS_MAX)
                .setSsl(true)
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"))
                .setTrustOptions(TrustOptions.wrap(new PinnedAuthority(identity.authority())))
                .setKeyCertOptions(
                        new PemKeyCertOptions()
                                .addKeyValue(Buffer.buffer(identity.keyPem()))
                                .addCertValue(Buffer.buffer(identity.certificatePem())));
        return options;
    }

    /// Opens a WebSocket.
    void webSocket(Carrier.Events events) {
        WebSocketConnectOptions to = new WebSocketConnectOptions();
        to.setHost(identity.coordinator().getHost())
                .setPort(port())
                .setSsl(true)
                .setURI("/v1/agent")
                .setTimeout(UPGRADE_MILLIS_MAX);
        WebSocketCarrier.open(webSockets, to, loop, events);
    }

    /// Begins to poll.
    void polls(Polling.Speech speech, Carrier.Events events) {
        RequestOptions to =
                new RequestOptions()
                        .setHost(identity.coordinator().getHost())
                        .setPort(port())
                        .setSsl(true);
        Polling polling = new Polling(speech, random, System.nanoTime());
        events.opened(new PolledLine(vertx, loop, client(), to, polling, events));
    }

    private int port() {
        int port = identity.coordinator().getPort();
        return port < 0 ? 443 : port;
    }

    private HttpClient client() {
        HttpClient made = requests;
        if (made == null) {
            made =
                    vertx.createHttpClient(
                            secured(new HttpClientOptions(), identity).setVerifyHost(true),
                            new PoolOptions().setHttp1MaxSize(POLLS_AT_ONCE_MAX));
            requests = made;
        }
        return made;
    }
}
