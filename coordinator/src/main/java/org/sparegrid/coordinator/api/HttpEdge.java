// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.api;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.openapi.router.RequestExtractor;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import io.vertx.openapi.contract.OpenAPIContract;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.sparegrid.coordinator.operation.Operations;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.json.Format;

/// The one HTTPS port: the REST interface for people, the sessions of agents.
public final class HttpEdge implements AutoCloseable {
    private static final String CONTRACT = "openapi.yaml";
    private static final Duration START_MAX = Duration.ofSeconds(60);
    private static final Duration STOP_MAX = Duration.ofSeconds(10);

    /// Operations with which passwords or tokens could be guessed.
    private static final Set<String> GUESSABLE = Set.of("register", "logIn", "enrol");

    private static final int GUESSES_AT_ONCE = 20;
    private static final int GUESSES_PER_MINUTE = 30;

    private final Vertx vertx;
    private final HttpServer server;
    private final RateLimit guesses = new RateLimit(GUESSES_AT_ONCE, GUESSES_PER_MINUTE);

    private HttpEdge(Vertx vertx, HttpServer server) {
        this.vertx = vertx;
        this.server = server;
    }

    /// Starts to serve.
    ///
    /// @param address the local address to listen on
    /// @param port the TCP port, 0 for any
    /// @param heartbeat how often each side of an agent session sends something
    /// @param sellerOf names the seller of a certificate
    /// @throws IOException if the port can't be had
    public static HttpEdge open(
            Operations operations,
            ServerTls tls,
            String address,
            int port,
            Duration heartbeat,
            Function<X509Certificate, SellerId> sellerOf)
            throws IOException {
        Vertx vertx = Vertx.vertx(new VertxOptions().setWarningExceptionTimeUnit(TimeUnit.SECONDS));
        HttpServer server = vertx.createHttpServer(options(tls, address, port));
        HttpEdge edge = new HttpEdge(vertx, server);
        try {
            AgentSockets sockets = new AgentSockets(operations, vertx, heartbeat, sellerOf);
            server.webSocketHandshakeHandler(handshake -> {
                if (handshake.path().equals("/v1/agent")) {
                    handshake.accept();
                } else {
                    handshake.reject(404);
                }
            });
            server.webSocketHandler(sockets::accept);
            server.requestHandler(edge.router(operations, sellerOf));
            await(server.listen().toCompletionStage().toCompletableFuture(), START_MAX);
            return edge;
        } catch (IOException | RuntimeException failure) {
            edge.close();
            throw failure;
        }
    }

    /// The port it listens on.
    public int port() {
        return server.actualPort();
    }

    @Override
    public void close() throws IOException {
        await(vertx.close().toCompletionStage().toCompletableFuture(), STOP_MAX);
    }

    private static HttpServerOptions options(ServerTls tls, String address, int port) {
        return new HttpServerOptions()
                .setHost(address)
                .setPort(port)
                .setSsl(true)
                .setUseAlpn(true)
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"))
                .setKeyCertOptions(
                        new PemKeyCertOptions()
                                .setCertValue(Buffer.buffer(tls.chain()))
                                .setKeyValue(Buffer.buffer(tls.privateKey())))
                .setTrustOptions(new PemTrustOptions().addCertValue(Buffer.buffer(tls.authority())))
                .setClientAuth(ClientAuth.REQUEST)
                .setMaxWebSocketFrameSize(1 << 20)
                .setMaxWebSocketMessageSize(Format.LENGTH_MAX_BYTES)
                .setPerMessageWebSocketCompressionSupported(false)
                .setIdleTimeout(120)
                .setIdleTimeoutUnit(TimeUnit.SECONDS);
    }

    private Router router(Operations operations, Function<X509Certificate, SellerId> sellerOf)
            throws IOException {
        OpenAPIContract contract =
                await(
                        OpenAPIContract.from(vertx, CONTRACT)
                                .toCompletionStage()
                                .toCompletableFuture(),
                        START_MAX);
        RequestThreads threads = new RequestThreads(operations, sellerOf);
        RouterBuilder builder =
                RouterBuilder.create(vertx, contract, RequestExtractor.withBodyHandler());
        builder.rootHandler(BodyHandler.create(false).setBodyLimit(RestRoutes.UPLOAD_MAX_BYTES));
        Map<String, RestRoutes.Route> routes = new RestRoutes(operations).all();
        builder.getRoutes()
                .forEach(route -> {
                    String operation = route.getOperation().getOperationId();
                    RestRoutes.Route handler = routes.get(operation);
                    if (handler == null) {
                        throw new IllegalStateException("no route for " + operation);
                    }
                    if (GUESSABLE.contains(operation)) {
                        route.addHandler(this::admitGuess);
                    }
                    route.addHandler(context -> threads.answer(context, handler));
                    route.addFailureHandler(HttpEdge::fail);
                });
        Router router = Router.router(vertx);
        router.route().handler(HttpEdge::tellTime);
        router.get("/" + CONTRACT)
                .handler(context ->
                        context.response()
                                .putHeader("Content-Type", "application/yaml")
                                .sendFile(CONTRACT));
        router.route("/*").subRouter(builder.createRouter());
        router.route().failureHandler(HttpEdge::fail);
        router.errorHandler(404, HttpEdge::fail);
        router.errorHandler(405, HttpEdge::fail);
        return router;
    }

    /// Clients whose clock is wrong find out by it (RFC 9110, section 6.6.1).
    private static void tellTime(RoutingContext context) {
        context.response()
                .putHeader(
                        "Date",
                        DateTimeFormatter.RFC_1123_DATE_TIME.format(
                                ZonedDateTime.now(ZoneOffset.UTC)));
        context.next();
    }

    private void admitGuess(RoutingContext context) {
        String address = context.request().remoteAddress().hostAddress();
        if (guesses.admits(address, System.nanoTime())) {
            context.next();
        } else {
            context.response().putHeader("Retry-After", "10");
            RequestThreads.send(
                    context,
                    Problems.of(
                            new RefusedException(
                                    Reason.RATE_LIMITED, "too many attempts; wait 10 seconds")));
        }
    }

    private static void fail(RoutingContext context) {
        RequestThreads.send(context, Problems.ofStatus(context.statusCode(), context.failure()));
    }

    private static <T> T await(java.util.concurrent.CompletableFuture<T> future, Duration patience)
            throws IOException {
        try {
            return future.orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS).join();
        } catch (CompletionException failed) {
            Throwable cause = failed.getCause();
            String why = cause instanceof TimeoutException ? "it took too long" : "" + cause;
            throw new IOException("HTTPS server: " + why, cause);
        }
    }
}
