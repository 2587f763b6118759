// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.api;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.openapi.router.RequestExtractor;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.contract.Operation;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.sparegrid.coordinator.metric.Metrics;
import org.sparegrid.coordinator.operation.Operations;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.api.ApiKey.Scope;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.virtualethernet.UdpRelay;

/// The one HTTPS port: the REST interface for people, the sessions of agents.
public final class HttpEdge implements AutoCloseable {
    /// For servers that need no files: nothing is unpacked.
    static final VertxOptions WITHOUT_FILES =
            new VertxOptions()
                    .setFileSystemOptions(
                            new FileSystemOptions()
                                    .setClassPathResolvingEnabled(false)
                                    .setFileCachingEnabled(false));

    private static final String CONTRACT = "openapi.yaml";
    private static final Duration START_MAX = Duration.ofSeconds(60);
    private static final Duration STOP_MAX = Duration.ofSeconds(10);

    /// Operations with which passwords or tokens could be guessed.
    private static final Set<String> GUESSABLE = Set.of("register", "logIn", "enrol");

    /// Where the relay takes WebSockets.
    public static final String RELAY_PATH = RelaySockets.PATH;

    private final Vertx vertx;
    private final HttpServer server;

    private HttpEdge(Vertx vertx, HttpServer server) {
        this.vertx = vertx;
        this.server = server;
    }

    /// Starts to serve.
    ///
    /// @param metrics counts the answers
    /// @param sellerOf names the seller of a certificate
    /// @param relay takes WebSockets of machines that UDP does not reach; null if there is none
    /// @throws IOException if the port can't be had
    public static HttpEdge open(
            Operations operations,
            ServerTls tls,
            EdgeSettings settings,
            Metrics metrics,
            Function<X509Certificate, SellerId> sellerOf,
            @Nullable UdpRelay relay)
            throws IOException {
        Vertx vertx =
                Vertx.vertx(
                        new VertxOptions()
                                .setWarningExceptionTimeUnit(TimeUnit.SECONDS)
                                .setFileSystemOptions(
                                        new FileSystemOptions()
                                                .setFileCacheDir(settings.cache().toString())));
        HttpServer server =
                vertx.createHttpServer(options(tls, settings.address(), settings.port()));
        HttpEdge edge = new HttpEdge(vertx, server);
        try {
            AgentSockets sockets =
                    new AgentSockets(operations, vertx, settings.heartbeat(), sellerOf);
            server.webSocketHandshakeHandler(handshake -> {
                boolean known =
                        handshake.path().equals("/v1/agent")
                                || AgentStreams.isAt(handshake.path())
                                || (relay != null && handshake.path().equals(RelaySockets.PATH));
                if (known) {
                    handshake.accept();
                } else {
                    handshake.reject(404);
                }
            });
            AgentStreams streams = new AgentStreams(operations.streams(), vertx, sellerOf);
            server.webSocketHandler(socket -> {
                if (relay != null && socket.path().equals(RelaySockets.PATH)) {
                    new RelaySockets(relay).accept(socket);
                } else if (AgentStreams.isAt(socket.path())) {
                    streams.accept(socket);
                } else {
                    sockets.accept(socket);
                }
            });
            AgentPolls polls =
                    new AgentPolls(
                            operations,
                            vertx,
                            settings.heartbeat(),
                            sellerOf,
                            sockets::line,
                            metrics);
            OperatorRoutes operator =
                    new OperatorRoutes(operations, metrics, settings.metricsToken());
            server.requestHandler(
                    edge.router(
                            operations,
                            operator,
                            polls,
                            sellerOf,
                            new Throttle(
                                    settings.addressRequests(),
                                    settings.accountRequests(),
                                    sellerOf,
                                    metrics)));
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

    /// Shows another certificate to those who connect from now on.
    public void renew(ServerTls tls) throws IOException {
        await(
                server.updateSSLOptions(options(tls, "", 0).getSslOptions())
                        .toCompletionStage()
                        .toCompletableFuture(),
                START_MAX);
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

    private Router router(
            Operations operations,
            OperatorRoutes operator,
            AgentPolls polls,
            Function<X509Certificate, SellerId> sellerOf,
            Throttle throttle)
            throws IOException {
        OpenAPIContract contract =
                await(
                        OpenAPIContract.from(vertx, CONTRACT)
                                .toCompletionStage()
                                .toCompletableFuture(),
                        START_MAX);
        RequestThreads threads = new RequestThreads(operations, sellerOf, throttle);
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
                    route.addHandler(context -> operator.count(context, operation));
                    route.addHandler(throttle::admit);
                    if (GUESSABLE.contains(operation)) {
                        route.addHandler(throttle::admitGuess);
                    }
                    Set<Scope> scopes = scopes(route.getOperation());
                    route.addHandler(context ->
                            threads.answer(context, call -> handler.answer(call.of(scopes))));
                    route.addFailureHandler(HttpEdge::fail);
                });
        Router router = Router.router(vertx);
        router.route().handler(HttpEdge::tellTime);
        router.get("/" + CONTRACT)
                .handler(context ->
                        context.response()
                                .putHeader("Content-Type", "application/yaml")
                                .sendFile(CONTRACT));
        operator.addTo(router, threads);
        polls.addTo(router, throttle);
        router.route("/*").subRouter(builder.createRouter());
        router.route().failureHandler(HttpEdge::fail);
        router.errorHandler(404, HttpEdge::fail);
        router.errorHandler(405, HttpEdge::fail);
        return router;
    }

    /// The scopes of which a key needs one for that operation.
    private static Set<Scope> scopes(Operation operation) {
        return operation.getOpenAPIModel().getJsonArray("x-scopes", new JsonArray()).stream()
                .map(scope -> Scope.valueOf(((String) scope).toUpperCase(Locale.ROOT)))
                .collect(Collectors.toUnmodifiableSet());
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
