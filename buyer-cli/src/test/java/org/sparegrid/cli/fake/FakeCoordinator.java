// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.fake;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.sparegrid.cli.context.Settings;
import org.sparegrid.protocol.api.Problem;
import org.sparegrid.protocol.http.Gzip;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.tls.PinnedAuthority;

/// An HTTPS server on loopback that answers as a test tells it, with an authority of its own.
public final class FakeCoordinator implements AutoCloseable {
    private final HttpsServer server;
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final String authority;
    private final Map<String, Answer> answers = Collections.synchronizedMap(new LinkedHashMap<>());
    private final List<Request> requests = Collections.synchronizedList(new ArrayList<>());

    /// What arrived.
    ///
    /// @param query what follows the path, decoded, or empty
    public record Request(
            String method,
            String path,
            String query,
            String authorization,
            String key,
            byte[] body) {
        public <T> T as(Class<T> type) {
            try {
                return Format.JSON.read(body, type);
            } catch (org.sparegrid.protocol.json.MessageFormatException malformed) {
                throw new AssertionError("the client sent a malformed body", malformed);
            }
        }
    }

    /// What is sent back; a status of 0 cuts the connection.
    public record Reply(int status, byte[] body, int retryAfter) {
        public Reply(int status, byte[] body) {
            this(status, body, 0);
        }

        public static Reply tooMany(int seconds) {
            Reply refused =
                    refused(
                            429,
                            "rate-limited",
                            "too many requests; try again in " + seconds + " s");
            return new Reply(429, refused.body, seconds);
        }

        public static Reply of(int status, Object value) {
            return new Reply(status, Format.JSON.write(value));
        }

        public static Reply refused(int status, String name, String detail) {
            return of(
                    status,
                    new Problem(Problem.TYPE_PREFIX + name, name, status, detail, List.of()));
        }
    }

    /// Decides about a request.
    @FunctionalInterface
    public interface Answer {
        Reply to(Request request);
    }

    private FakeCoordinator(HttpsServer server, String authority) {
        this.server = server;
        this.authority = authority;
    }

    public static FakeCoordinator open() throws Exception {
        Path store = Files.createTempDirectory("authority").resolve("store.p12");
        try {
            keytool(store, "-alias", "ca", "-dname", "CN=test authority", "-ext", "bc:c");
            keytool(
                    store,
                    "-alias",
                    "server",
                    "-dname",
                    "CN=server",
                    "-signer",
                    "ca",
                    "-ext",
                    "san=ip:127.0.0.1");
            KeyStore keys = KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
            String authority =
                    PinnedAuthority.fingerprint((X509Certificate) keys.getCertificate("ca"));
            keys.deleteEntry("ca");
            KeyManagerFactory factory =
                    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(keys, "changeit".toCharArray());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(factory.getKeyManagers(), null, null);
            HttpsServer server =
                    HttpsServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setHttpsConfigurator(new HttpsConfigurator(context));
            FakeCoordinator fake = new FakeCoordinator(server, authority);
            server.setExecutor(fake.workers);
            server.createContext("/", fake::handle);
            server.start();
            return fake;
        } finally {
            Files.deleteIfExists(store);
            Files.delete(store.getParent());
        }
    }

    private static void keytool(Path store, String... options) throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-keyalg",
                                "EC",
                                "-groupname",
                                "secp256r1",
                                "-storetype",
                                "PKCS12",
                                "-storepass",
                                "changeit",
                                "-validity",
                                "30",
                                "-keystore",
                                store.toString()));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException("keytool: " + said);
        }
    }

    public Settings settings() {
        return new Settings(
                "https://127.0.0.1:" + server.getAddress().getPort(),
                authority,
                "buyer@example.org");
    }

    /// Answers requests whose method and path, without the query, match `GET /v1/orders/[^/]+`.
    public FakeCoordinator on(String pattern, Answer answer) {
        answers.put(pattern, answer);
        return this;
    }

    /// Always answers 200 with that body.
    public FakeCoordinator on(String pattern, Object body) {
        return on(pattern, _ -> Reply.of(200, body));
    }

    public List<Request> requests() {
        return List.copyOf(requests);
    }

    public long count(String pattern) {
        return requests().stream()
                .filter(r -> (r.method() + " " + r.path()).matches(pattern))
                .count();
    }

    private void handle(HttpExchange exchange) throws IOException {
        byte[] body;
        try (InputStream in = exchange.getRequestBody()) {
            byte[] sent = in.readAllBytes();
            body =
                    exchange.getRequestHeaders().containsKey("Content-Encoding")
                            ? Gzip.decode(sent, 1 << 20)
                            : sent;
        }
        Request request =
                new Request(
                        exchange.getRequestMethod(),
                        exchange.getRequestURI().getPath(),
                        Optional.ofNullable(exchange.getRequestURI().getRawQuery())
                                .map(raw -> URLDecoder.decode(raw, StandardCharsets.UTF_8))
                                .orElse(""),
                        String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")),
                        String.valueOf(exchange.getRequestHeaders().getFirst("Idempotency-Key")),
                        body);
        requests.add(request);
        Reply reply = reply(request);
        if (reply.status() == 0) {
            exchange.close();
            throw new IOException("cut by the test");
        }
        if (reply.retryAfter() > 0) {
            exchange.getResponseHeaders().set("Retry-After", "" + reply.retryAfter());
        }
        exchange.sendResponseHeaders(
                reply.status(), reply.body().length == 0 ? -1 : reply.body().length);
        exchange.getResponseBody().write(reply.body());
        exchange.close();
    }

    private Reply reply(Request request) {
        String line = request.method() + " " + request.path();
        synchronized (answers) {
            for (Map.Entry<String, Answer> answer : answers.entrySet()) {
                if (line.matches(answer.getKey())) {
                    return answer.getValue().to(request);
                }
            }
        }
        return Reply.refused(404, "not-found", "the test has no answer to " + line);
    }

    @Override
    public void close() {
        server.stop(0);
        workers.shutdownNow();
    }
}
