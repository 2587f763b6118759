// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.sparegrid.coordinator.api.AnswerContract;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.history.Outcome;
import org.sparegrid.coordinator.history.RecordFolder;
import org.sparegrid.coordinator.identity.Identity;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.coordinator.store.Store;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.api.ApiKey;
import org.sparegrid.protocol.api.ChunkList;
import org.sparegrid.protocol.api.Deposit;
import org.sparegrid.protocol.api.DepositRequest;
import org.sparegrid.protocol.api.ImageKey;
import org.sparegrid.protocol.api.ImageSummary;
import org.sparegrid.protocol.api.ImageUpload;
import org.sparegrid.protocol.api.OrderRequest;
import org.sparegrid.protocol.api.Problem;
import org.sparegrid.protocol.api.Registration;
import org.sparegrid.protocol.api.Session;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;
import org.sparegrid.protocol.market.Checkpoints;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.Placement;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.VolumeUse;
import org.sparegrid.protocol.tls.PinnedAuthority;

/// A whole coordinator on a loopback port and a temporary folder, and a client of it.
final class Trial implements AutoCloseable {
    /// How long a test waits for what must happen.
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /// Counts the fresh Idempotency-Keys.
    private static final AtomicInteger KEYS = new AtomicInteger();

    private final Path folder;
    private final String more;
    private final Clock clock = new Clock();
    private RunningCoordinator coordinator;
    private HttpClient people;

    /// The system's steady time, moved on by the test.
    private static final class Clock implements InstantSource {
        private final InstantSource steady = new SteadyClock();
        private volatile Duration ahead = Duration.ZERO;

        @Override
        public Instant instant() {
            return steady.instant().plus(ahead);
        }
    }

    /// What was answered.
    record Reply(int status, String type, String date, String retryAfter, byte[] body) {
        <T> T as(Class<T> kind, int expected) {
            assertThat(status).as(() -> text()).isEqualTo(expected);
            try {
                return Format.JSON.read(body, kind);
            } catch (MessageFormatException strange) {
                throw new AssertionError(strange.getMessage() + " in " + text(), strange);
            }
        }

        /// Checks that it is that problem.
        Problem problem(String name, int expected) {
            Problem problem = as(Problem.class, expected);
            assertThat(type).isEqualTo("application/problem+json");
            assertThat(problem.type()).isEqualTo(Problem.TYPE_PREFIX + name);
            assertThat(problem.status()).isEqualTo(expected);
            assertThat(problem.detail()).isNotEmpty();
            return problem;
        }

        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    /// Starts a coordinator on that folder.
    Trial(Path folder) throws Exception {
        this(folder, "");
    }

    /// Starts a coordinator with some more lines of settings.
    Trial(Path folder, String more) throws Exception {
        this.folder = folder;
        this.more = more;
        open();
    }

    /// Starts the coordinator again on the same folder, at another port.
    void open() throws Exception {
        coordinator = RunningCoordinator.open(folder, settings(), clock);
        people = client();
    }

    /// Stops the coordinator. Its record of the market must tell all of what was done, and its
    /// engine choose the same again.
    void stop() throws IOException {
        people.close();
        coordinator.close();
        RecordFolder record = RecordFolder.of(folder);
        if (Outcome.isThere(record)) {
            Outcome outcome = Outcome.of(record);
            assertThat(outcome.different).isEmpty();
            assertThat(outcome.unchecked).isEmpty();
            assertThat(outcome.result.faults()).isEmpty();
        }
    }

    /// The time of the coordinator moves on at once.
    void advance(long seconds) {
        clock.ahead = clock.ahead.plusSeconds(seconds);
    }

    private Settings settings() throws Exception {
        return Settings.parse(
                """
                listen-address = "127.0.0.1"
                port = 0
                public-addresses = ["127.0.0.1"]
                settle-interval = "1 s"
                offer-timeout = "20 s"
                boot-timeout = "60 s"
                lost-after = "1 h"
                invoice-issuer = ["Grid Ltd", "1 Main Street"]
                metrics-token = "0123456789-of-trials"
                """
                        + (more.contains("heartbeat") ? "" : "heartbeat = \"1 s\"\n")
                        + more,
                "trial");
    }

    /// The line of that figure at this moment, empty if there is none.
    String figure(String name) throws Exception {
        String all =
                send(request("/metrics")
                                .header("Authorization", "Bearer 0123456789-of-trials")
                                .GET())
                        .text();
        return all.lines().filter(line -> line.startsWith(name + " ")).findFirst().orElse("");
    }

    /// Does what is done once a day.
    void renewCertificate() {
        coordinator.renewCertificate();
    }

    int port() {
        return coordinator.port();
    }

    int sshPort() {
        return coordinator.ssh().orElseThrow().port();
    }

    /// The audit log, a line an entry: who, what, to what, and more.
    String audit() throws IOException {
        try (Database database =
                Database.open(new Store.Sqlite(folder.resolve("coordinator.db")), 1)) {
            return database.read(tx ->
                    tx.audit().last(1_000, "").stream()
                            .map(entry ->
                                    String.join(
                                            " ",
                                            entry.actor(),
                                            entry.action(),
                                            entry.subject(),
                                            entry.detail()))
                            .collect(java.util.stream.Collectors.joining("\n")));
        }
    }

    String fingerprint() {
        return coordinator.fingerprint();
    }

    URI address(String path) {
        return URI.create("https://127.0.0.1:" + coordinator.port() + path);
    }

    /// A client that presents what the key managers hold.
    HttpClient client(KeyManager... keys) {
        try {
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(
                    keys,
                    new TrustManager[] {new PinnedAuthority(coordinator.fingerprint())},
                    null);
            return HttpClient.newBuilder().sslContext(context).connectTimeout(PATIENCE).build();
        } catch (java.security.GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(address(path)).timeout(PATIENCE);
    }

    Reply send(HttpRequest.Builder request) throws Exception {
        return send(people, request);
    }

    Reply anonymous(String path, Object body) throws Exception {
        return send(
                request(path)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(Format.JSON.write(body))));
    }

    Reply fetch(HttpClient client, String path) throws Exception {
        return send(client, request(path).timeout(Duration.ofSeconds(20)).GET());
    }

    static Reply send(HttpClient client, HttpRequest.Builder request) throws Exception {
        HttpRequest asked = request.build();
        HttpResponse<byte[]> answer = client.send(asked, HttpResponse.BodyHandlers.ofByteArray());
        AnswerContract.check(
                asked.method(),
                asked.uri().getPath(),
                answer.statusCode(),
                answer.headers().firstValue("Content-Type").orElse(""),
                answer.body());
        return new Reply(
                answer.statusCode(),
                answer.headers().firstValue("Content-Type").orElse(""),
                answer.headers().firstValue("Date").orElse(""),
                answer.headers().firstValue("Retry-After").orElse(""),
                answer.body());
    }

    /// A person who is logged in.
    final class Person {
        private final Session session;

        private Person(Session session) {
            this.session = session;
        }

        Session session() {
            return session;
        }

        HttpRequest.Builder request(String path) {
            return Trial.this.request(path).header("Authorization", "Bearer " + session.token());
        }

        Reply get(String path) throws Exception {
            return send(request(path).GET());
        }

        Reply delete(String path) throws Exception {
            return send(request(path).DELETE());
        }

        Reply post(String path, Object body) throws Exception {
            return write("POST", path, body, "");
        }

        /// A POST without a body.
        Reply post(String path) throws Exception {
            return send(request(path).POST(HttpRequest.BodyPublishers.noBody()));
        }

        Reply put(String path, Object body) throws Exception {
            return write("PUT", path, body, "");
        }

        Reply once(String path, Object body, String key) throws Exception {
            return write("POST", path, body, key);
        }

        private Reply write(String method, String path, Object body, String key) throws Exception {
            HttpRequest.Builder request =
                    request(path)
                            .header("Content-Type", "application/json")
                            .method(
                                    method,
                                    HttpRequest.BodyPublishers.ofByteArray(
                                            Format.JSON.write(body)));
            return send(key.isEmpty() ? request : request.header("Idempotency-Key", key));
        }

        Reply octets(String method, String path, byte[] body) throws Exception {
            return send(
                    request(path)
                            .header("Content-Type", "application/octet-stream")
                            .method(method, HttpRequest.BodyPublishers.ofByteArray(body)));
        }

        /// Pays in and waits until the money is there.
        Deposit pay(String amount) throws Exception {
            Deposit made =
                    once(
                                    "/v1/wallet/deposits",
                                    new DepositRequest(Credits.parse(amount), "test"),
                                    key())
                            .as(Deposit.class, 201);
            return Trial.await(
                    () -> get("/v1/wallet/deposits/" + made.id()).as(Deposit.class, 200),
                    deposit -> deposit.state() == Deposit.State.POSTED);
        }

        /// Uploads a small image and sets the key it claims to be signed with.
        ImageSummary image(String name) throws Exception {
            byte[] key = new byte[32];
            key[0] = 1;
            put("/v1/account/image-key", new ImageKey(base64(key)));
            byte[] chunk = ("chunk of " + name).getBytes(StandardCharsets.UTF_8);
            String digest = Identity.digest(chunk);
            assertThat(octets("PUT", "/v1/chunks/" + digest, chunk).status()).isEqualTo(204);
            return post(
                            "/v1/images",
                            new ImageUpload(
                                    name,
                                    chunk.length,
                                    new ChunkList(List.of(digest)).chunks(),
                                    base64(name.getBytes(StandardCharsets.UTF_8))))
                    .as(ImageSummary.class, 201);
        }

        Order order(OrderSpec spec) throws Exception {
            return once("/v1/orders", new OrderRequest(spec, Credits.parse("100"), false), key())
                    .as(Order.class, 201);
        }

        Order order(OrderId id) throws Exception {
            return get("/v1/orders/" + id).as(Order.class, 200);
        }

        Order await(OrderId id, Predicate<Order> until) throws Exception {
            return Trial.await(() -> order(id), until);
        }
    }

    /// A program that acts for a person by a key.
    Person program(Person person, ApiKey.Made key) {
        Session shown = new Session(person.session.account(), key.token(), key.key().expires());
        return new Person(shown);
    }

    /// Opens an account and logs in.
    Person person(String name) throws Exception {
        Registration registration = new Registration(name + "@grid.example", "long enough " + name);
        return new Person(
                send(request("/v1/accounts")
                                .header("Content-Type", "application/json")
                                .POST(
                                        HttpRequest.BodyPublishers.ofByteArray(
                                                Format.JSON.write(registration))))
                        .as(Session.class, 201));
    }

    /// What is wrong with the books, by a connection of its own.
    List<String> faults() throws Exception {
        try (Database database =
                Database.open(new Store.Sqlite(folder.resolve("coordinator.db")), 1)) {
            return database.read(tx -> {
                List<String> faults = new ArrayList<>(tx.ledger().faults());
                faults.addAll(tx.ledger().audit(Optional.empty()).faults());
                faults.addAll(tx.audit().verify(Optional.empty()).faults());
                return faults;
            });
        }
    }

    static OrderSpec spec(ImageId image, String name, int machines, long secondsMax) {
        return new OrderSpec(
                name,
                image,
                machines,
                new MachineSize(1, 256, 0),
                Credits.parse("10"),
                secondsMax,
                true,
                new ArrayList<>(),
                Placement.ANY,
                Query.ANY,
                Checkpoints.NONE,
                VolumeUse.NONE,
                0);
    }

    /// A fresh Idempotency-Key.
    static String key() {
        return "trial-key-" + KEYS.incrementAndGet();
    }

    static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /// A key for WireGuard, the same for the same seed.
    static String wireGuardKey(long seed) {
        byte[] key = new byte[32];
        new SplittableRandom(seed).nextBytes(key);
        return base64(key);
    }

    /// A question to the coordinator.
    @FunctionalInterface
    interface Question<T> {
        T ask() throws Exception;
    }

    /// Asks again until the answer is as expected.
    static <T> T await(Question<T> question, Predicate<T> until) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        T answer = question.ask();
        while (!until.test(answer)) {
            assertThat(System.nanoTime()).as(() -> "still " + question).isLessThan(deadline);
            Thread.sleep(20);
            answer = question.ask();
        }
        return answer;
    }

    @Override
    public void close() throws IOException {
        stop();
    }
}
