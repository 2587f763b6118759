// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.page;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.sparegrid.agent.status.OwnerCommand;
import org.sparegrid.agent.status.StatusReport;

/// Serves one page on the loopback address: what runs, what it earns, why it stands still, and
/// buttons. Only who knows the address with its secret gets an answer, because other users and the
/// scripts of any web site can reach the loopback address, too.
public final class OwnerPage implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(OwnerPage.class.getName());
    private static final int SECRET_BYTES = 16;

    /// The longest form, in bytes.
    private static final int FORM_BYTES_MAX = 1000;

    private final HttpServer server;
    private final String secret;
    private final Function<OwnerCommand, StatusReport> obey;

    private OwnerPage(HttpServer server, Function<OwnerCommand, StatusReport> obey) {
        byte[] bytes = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(bytes);
        this.server = server;
        this.secret = HexFormat.of().formatHex(bytes);
        this.obey = obey;
    }

    /// Serves the page from now on.
    ///
    /// @param port where; 0 for any
    public static OwnerPage open(int port, Function<OwnerCommand, StatusReport> obey)
            throws IOException {
        InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
        HttpServer server;
        try {
            server = HttpServer.create(new InetSocketAddress(loopback, port), 16);
        } catch (IOException taken) {
            throw new IOException(
                    "opening the owner's page at port " + port + ": " + taken.getMessage(), taken);
        }
        OwnerPage page = new OwnerPage(server, obey);
        server.createContext("/", page::answer);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        return page;
    }

    /// The page's address, with its secret.
    public String address() {
        return origin() + "/" + secret + "/";
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private String origin() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void answer(HttpExchange opened) {
        try (HttpExchange exchange = opened) {
            route(exchange);
        } catch (IOException | RuntimeException failed) {
            LOG.log(System.Logger.Level.DEBUG, () -> "page not given cause=" + failed);
        }
    }

    private void route(HttpExchange exchange) throws IOException {
        String host = "127.0.0.1:" + server.getAddress().getPort();
        // A name that somebody else made point here would pass for this page's origin.
        boolean named = host.equals(exchange.getRequestHeaders().getFirst("Host"));
        boolean known = same("/" + secret + "/", exchange.getRequestURI().getPath());
        if (!named || !known) {
            send(exchange, 404, "text/plain", "There is nothing here.\n");
        } else if (exchange.getRequestMethod().equals("POST")) {
            post(exchange);
        } else {
            send(exchange, 200, "text/html", PageText.html(obey.apply(new OwnerCommand.Report())));
        }
    }

    private void post(HttpExchange exchange) throws IOException {
        String from = exchange.getRequestHeaders().getFirst("Origin");
        if (from != null && !from.equals(origin())) {
            send(exchange, 403, "text/plain", "This form is not ours.\n");
            return;
        }
        byte[] form = exchange.getRequestBody().readNBytes(FORM_BYTES_MAX);
        String text = new String(form, StandardCharsets.US_ASCII);
        try {
            String line = text.replace("do=", "").replace('+', ' ').strip();
            StatusReport obeyed = obey.apply(OwnerCommand.parse(line));
            exchange.getResponseHeaders().set("Location", obeyed.page());
            send(exchange, 303, "text/plain", "");
        } catch (IllegalArgumentException unknown) {
            send(exchange, 400, "text/plain", unknown.getMessage() + "\n");
        }
    }

    private static void send(HttpExchange exchange, int status, String type, String text)
            throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        var headers = exchange.getResponseHeaders();
        headers.set("Content-Type", type + "; charset=utf-8");
        headers.set("Cache-Control", "no-store");
        // With a stricter one browsers hide the origin of our own form from us.
        headers.set("Referrer-Policy", "same-origin");
        headers.set("X-Frame-Options", "DENY");
        headers.set(
                "Content-Security-Policy",
                "default-src 'none'; style-src 'unsafe-inline'; form-action 'self';"
                        + " frame-ancestors 'none'");
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    /// Takes as long whatever differs.
    private static boolean same(String expected, String got) {
        return MessageDigest.isEqual(
                expected.getBytes(StandardCharsets.UTF_8), got.getBytes(StandardCharsets.UTF_8));
    }
}
