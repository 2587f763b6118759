// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.coordinator.identity.Identity;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.api.Account;
import org.sparegrid.protocol.api.ChunkList;
import org.sparegrid.protocol.api.ConsoleKeys;
import org.sparegrid.protocol.api.ConsolePart;
import org.sparegrid.protocol.api.Deposit;
import org.sparegrid.protocol.api.DepositRequest;
import org.sparegrid.protocol.api.ImageKey;
import org.sparegrid.protocol.api.ImageSummary;
import org.sparegrid.protocol.api.ImageUpload;
import org.sparegrid.protocol.api.Images;
import org.sparegrid.protocol.api.LedgerPage;
import org.sparegrid.protocol.api.NetworkJoin;
import org.sparegrid.protocol.api.NetworkJoined;
import org.sparegrid.protocol.api.Offers;
import org.sparegrid.protocol.api.OrderRequest;
import org.sparegrid.protocol.api.Orders;
import org.sparegrid.protocol.api.Registration;
import org.sparegrid.protocol.api.Rule;
import org.sparegrid.protocol.api.Rules;
import org.sparegrid.protocol.api.Session;
import org.sparegrid.protocol.api.Wallet;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.Blob;
import org.sparegrid.protocol.control.CoordinatorMessage.ConsoleInput;
import org.sparegrid.protocol.http.Gzip;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.NetworkMember;
import org.sparegrid.protocol.market.NetworkView;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.OrderState;
import org.sparegrid.protocol.market.Quote;

/// The REST interface of the whole coordinator, over TLS, as openapi.yaml has it.
class ApiTest {
    /// The service's own part of what [#health] is answered.
    private record Health(String status) {}

    @TempDir Path folder;

    private Trial trial;
    private Trial.Person alice;

    @BeforeEach
    void start() throws Exception {
        trial = new Trial(folder);
        alice = trial.person("alice");
    }

    @AfterEach
    void stop() throws Exception {
        trial.close();
        assertThat(trial.faults()).isEmpty();
    }

    @Test
    void tellsTheTime() throws Exception {
        String date = trial.send(trial.request("/v1/health").GET()).date();
        Instant told = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
        assertThat(told).isCloseTo(Instant.now(), within(1, ChronoUnit.HOURS));
    }

    @Test
    void opensAccountsAndSessions() throws Exception {
        assertThat(trial.send(trial.request("/v1/health").GET()).as(Health.class, 200))
                .isEqualTo(new Health("serving"));
        Account account = alice.get("/v1/account").as(Account.class, 200);
        assertThat(account.email()).isEqualTo("alice@grid.example");
        assertThat(account.id()).isEqualTo(alice.session().account());

        Registration again = new Registration("Alice@grid.example", "long enough alice");
        assertThat(trial.anonymous("/v1/sessions", again).as(Session.class, 201).account())
                .isEqualTo(account.id());
        trial.anonymous("/v1/accounts", again).problem("conflict", 409);
        Registration wrong = new Registration("alice@grid.example", "not what it was");
        Registration nobody = new Registration("bob@grid.example", "not what it was");
        String why =
                trial.anonymous("/v1/sessions", wrong).problem("unauthenticated", 401).detail();
        assertThat(trial.anonymous("/v1/sessions", nobody).problem("unauthenticated", 401).detail())
                .isEqualTo(why);

        String key = Trial.wireGuardKey(1);
        assertThat(
                        alice.put("/v1/account/image-key", new ImageKey(key))
                                .as(Account.class, 200)
                                .imageKey())
                .isEqualTo(key);
        assertThat(alice.delete("/v1/sessions/current").status()).isEqualTo(204);
        alice.get("/v1/account").problem("unauthenticated", 401);
    }

    @Test
    void limitsGuessing() throws Exception {
        Registration wrong = new Registration("alice@grid.example", "not what it was");
        List<Integer> statuses = new ArrayList<>();
        // On a slow computer more than the first 20 are let through, as one is every two seconds.
        while (statuses.size() < 200 && !statuses.contains(429)) {
            statuses.add(trial.anonymous("/v1/sessions", wrong).status());
        }
        assertThat(statuses).hasSizeGreaterThan(15).containsOnly(401, 429).endsWith(429);
        alice.get("/v1/account").as(Account.class, 200);
    }

    @Test
    void creditsARepeatedDepositOnce() throws Exception {
        DepositRequest request = new DepositRequest(Credits.parse("20"), "test");
        List<Future<Trial.Reply>> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 20; i++) {
                answers.add(
                        threads.submit(
                                () -> alice.once("/v1/wallet/deposits", request, "the-same-key")));
            }
        }
        Deposit first = answers.getFirst().get().as(Deposit.class, 201);
        for (Future<Trial.Reply> answer : answers) {
            assertThat(answer.get().as(Deposit.class, 201).id()).isEqualTo(first.id());
        }
        Trial.await(
                () -> alice.get("/v1/wallet/deposits/" + first.id()).as(Deposit.class, 200),
                deposit -> deposit.state() == Deposit.State.POSTED);
        Wallet wallet = alice.get("/v1/wallet").as(Wallet.class, 200);
        assertThat(wallet.balance()).isEqualTo(Credits.parse("18"));
        LedgerPage page = alice.get("/v1/wallet/ledger?limit=10").as(LedgerPage.class, 200);
        assertThat(page.entries())
                .extracting(LedgerPage.Entry::amount)
                .containsExactlyInAnyOrder(Credits.parse("20"), Credits.parse("-2"));

        alice.once(
                        "/v1/wallet/deposits",
                        new DepositRequest(Credits.parse("21"), "test"),
                        "the-same-key")
                .problem("conflict", 409);
        alice.once(
                        "/v1/wallet/deposits",
                        new DepositRequest(Credits.parse("-1"), "test"),
                        Trial.key())
                .problem("invalid", 400);
        alice.once(
                        "/v1/wallet/deposits",
                        new DepositRequest(Credits.parse("1"), "nobody"),
                        Trial.key())
                .problem("not-found", 404);
    }

    @Test
    void refusesForgedPayments() throws Exception {
        String body = "{\"deposit\":\"dep-aaaaaaaaaaaa\"}";
        long now = InstantSource.system().instant().getEpochSecond();
        String forged = "t=" + now + ",v1=" + "0".repeat(64);
        webhook("test", body, forged).problem("invalid", 400);
        webhook("test", body, "nonsense").problem("invalid", 400);
        webhook("test", "", forged).problem("invalid", 400);
        webhook("nobody", body, forged).problem("not-found", 404);
        assertThat(alice.get("/v1/wallet").as(Wallet.class, 200).balance()).isEqualTo(Credits.ZERO);
    }

    @Test
    void placesTheSameOrderOnceForOneKey() throws Exception {
        try (FakeAgent agent = FakeAgent.join(trial, alice, "0.1");
                FakeAgent other = FakeAgent.join(trial, alice, "0.2")) {
            alice.pay("10");
            ImageId image = alice.image("image").id();
            OrderRequest request =
                    new OrderRequest(Trial.spec(image, "net", 1, 3600), Credits.parse("1"), false);
            Order order = alice.once("/v1/orders", request, "order-key").as(Order.class, 201);
            assertThat(alice.once("/v1/orders", request, "order-key").as(Order.class, 201).id())
                    .isEqualTo(order.id());
            assertThat(alice.get("/v1/orders").as(Orders.class, 200).orders()).hasSize(1);
            OrderRequest another =
                    new OrderRequest(Trial.spec(image, "net2", 1, 3600), Credits.parse("1"), false);
            alice.once("/v1/orders", another, "order-key").problem("conflict", 409);
            alice.once("/v1/orders", request, Trial.key()).problem("conflict", 409);
            OrderRequest capped =
                    new OrderRequest(
                            Trial.spec(image, "net2", 1, 3600), Credits.parse("0.1"), false);
            alice.once("/v1/orders", capped, Trial.key()).problem("cost-cap", 409);
            OrderRequest many =
                    new OrderRequest(Trial.spec(image, "net2", 2, 3600), Credits.parse("1"), false);
            alice.once("/v1/orders", many, Trial.key()).problem("no-match", 409);
            OrderRequest longest =
                    new OrderRequest(
                            Trial.spec(image, "net2", 1, 2_678_400), Credits.parse("999"), false);
            alice.once("/v1/orders", longest, Trial.key()).problem("funds", 402);
            trial.send(
                            alice.request("/v1/orders")
                                    .header("Content-Type", "application/json")
                                    .POST(
                                            HttpRequest.BodyPublishers.ofByteArray(
                                                    Format.JSON.write(another))))
                    .problem("invalid", 400);
            assertThat(agent.seller()).isNotEqualTo(other.seller());
        }
    }

    @Test
    void servesAnOrderFromTheOfferToTheConsole() throws Exception {
        Trial.Person mallory = trial.person("mallory");
        try (FakeAgent agent = FakeAgent.join(trial, mallory, "0.1")) {
            alice.pay("10");
            ImageSummary image = alice.image("image");
            assertThat(alice.get("/v1/images").as(Images.class, 200).images())
                    .containsExactly(image);
            assertThat(alice.get("/v1/offers").as(Offers.class, 200).offers())
                    .singleElement()
                    .satisfies(offer -> assertThat(offer.ask()).isEqualTo(agent.ask()));
            OrderSpec spec = Trial.spec(image.id(), "net", 1, 3600);
            Quote quote = alice.post("/v1/quotes", spec).as(Quote.class, 200);
            assertThat(quote.missing()).isZero();
            assertThat(quote.costMax()).isEqualTo(Credits.parse("0.1"));

            // Nobody but the owner and a seller with a lease can read the image.
            String chunk = "/v1/chunks/" + digest("chunk of image");
            HttpClient computer = trial.client(agent.keys());
            trial.fetch(computer, chunk).problem("not-found", 404);
            Order order = alice.order(spec);
            LeaseId lease = agent.run();
            assertThat(trial.fetch(computer, chunk).text()).isEqualTo("chunk of image");
            String manifest = "/v1/images/" + image.id() + "/manifest";
            assertThat(trial.fetch(computer, manifest).text()).isEqualTo("image");
            assertThat(alice.get(manifest).text()).isEqualTo("image");
            mallory.get(manifest).problem("not-found", 404);
            mallory.get(chunk).problem("not-found", 404);
            computer.close();

            console(agent, lease);
            network(order, mallory);
            foreign(mallory, order, lease);
            alice.delete("/v1/images/" + image.id()).problem("conflict", 409);
            alice.post("/v1/leases/" + lease + "/stop").as(Lease.class, 200);
            alice.post("/v1/orders/" + order.id() + "/stop").as(Order.class, 200);
            agent.tell(
                    new AgentMessage.Ended(
                            lease,
                            org.sparegrid.protocol.market.EndReason.BUYER,
                            "",
                            FakeAgent.usage(0)));
            alice.await(order.id(), now -> now.state() == OrderState.CLOSED);
            mallory.delete("/v1/images/" + image.id()).problem("not-found", 404);
            assertThat(alice.delete("/v1/images/" + image.id()).status()).isEqualTo(204);
            alice.get(manifest).problem("not-found", 404);
        }
    }

    private void console(FakeAgent agent, LeaseId lease) throws Exception {
        String path = "/v1/leases/" + lease + "/console";
        agent.tell(new AgentMessage.ConsoleOutput(lease, 0, blob("login: ")));
        ConsolePart part = alice.get(path + "?from=3&wait=5").as(ConsolePart.class, 200);
        assertThat(part).isEqualTo(new ConsolePart(3, blob("in: "), false));
        assertThat(alice.post(path, new ConsoleKeys(blob("root\n"))).status()).isEqualTo(204);
        assertThat(agent.expect(ConsoleInput.class).bytes()).isEqualTo(blob("root\n"));
    }

    private void network(Order order, Trial.Person mallory) throws Exception {
        String path = "/v1/networks/" + order.network();
        NetworkView before = alice.get(path).as(NetworkView.class, 200);
        assertThat(before.members())
                .singleElement()
                .satisfies(
                        member -> assertThat(member.kind()).isEqualTo(NetworkMember.Kind.MACHINE));
        NetworkJoin join = new NetworkJoin("laptop", Trial.wireGuardKey(7), List.of("127.0.0.1:9"));
        NetworkJoined joined = alice.put(path + "/members", join).as(NetworkJoined.class, 200);
        assertThat(alice.put(path + "/members", join).as(NetworkJoined.class, 200))
                .isEqualTo(joined);
        NetworkView after =
                alice.get(path + "?wait=5&after=" + before.version()).as(NetworkView.class, 200);
        assertThat(after.members()).hasSize(2);
        mallory.get(path).problem("not-found", 404);
        mallory.put(path + "/members", join).problem("not-found", 404);
        mallory.delete(path + "/members/" + joined.self()).problem("not-found", 404);
        assertThat(alice.delete(path + "/members/" + joined.self()).status()).isEqualTo(204);
        alice.delete(path + "/members/" + joined.self()).problem("not-found", 404);
        alice.delete(path + "/members/" + before.members().getFirst().id())
                .problem("not-found", 404);
    }

    private static void foreign(Trial.Person mallory, Order order, LeaseId lease) throws Exception {
        mallory.get("/v1/orders/" + order.id()).problem("not-found", 404);
        mallory.post("/v1/orders/" + order.id() + "/stop").problem("not-found", 404);
        mallory.get("/v1/leases/" + lease).problem("not-found", 404);
        mallory.post("/v1/leases/" + lease + "/stop").problem("not-found", 404);
        mallory.get("/v1/leases/" + lease + "/console").problem("not-found", 404);
        mallory.post("/v1/leases/" + lease + "/console", new ConsoleKeys(blob("x")))
                .problem("not-found", 404);
        assertThat(mallory.get("/v1/orders").as(Orders.class, 200).orders()).isEmpty();
        assertThat(mallory.get("/v1/images").as(Images.class, 200).images()).isEmpty();
    }

    @Test
    void keepsDepositsAndChunksToTheirOwner() throws Exception {
        Trial.Person mallory = trial.person("mallory");
        Deposit deposit = alice.pay("10");
        assertThat(deposit.credited()).isEqualTo(Credits.parse("9"));
        mallory.get("/v1/wallet/deposits/" + deposit.id()).problem("not-found", 404);
        assertThat(mallory.get("/v1/wallet/ledger").as(LedgerPage.class, 200).entries()).isEmpty();
        alice.image("image");
        String digest = digest("chunk of image");
        ChunkList asked = new ChunkList(List.of(digest));
        assertThat(alice.post("/v1/chunks/missing", asked).as(ChunkList.class, 200).chunks())
                .isEmpty();
        // That another account has sent a chunk can't be found out.
        assertThat(mallory.post("/v1/chunks/missing", asked).as(ChunkList.class, 200))
                .isEqualTo(asked);
        mallory.put("/v1/account/image-key", new ImageKey(Trial.wireGuardKey(3)));
        mallory.post("/v1/images", new ImageUpload("mine", 5, asked.chunks(), "aW1hZ2U="))
                .problem("conflict", 409);
        alice.octets("PUT", "/v1/chunks/" + digest, new byte[] {1}).problem("invalid", 400);
    }

    @Test
    void takesAndGivesChunksInGzip() throws Exception {
        byte[] chunk = "a chunk ".repeat(10_000).getBytes(StandardCharsets.UTF_8);
        byte[] coded = Gzip.code(chunk).orElseThrow();
        String path = "/v1/chunks/" + Identity.digest(chunk);
        assertThat(trial.send(coded(path, "gzip", coded)).status()).isEqualTo(204);
        assertThat(alice.get(path).body()).isEqualTo(chunk);
        assertThat(
                        trial.send(alice.request(path).header("Accept-Encoding", "br, gzip").GET())
                                .body())
                .isEqualTo(coded);
        assertThat(trial.send(alice.request(path).header("Accept-Encoding", "br").GET()).body())
                .isEqualTo(chunk);
        trial.send(coded(path, "br", coded)).problem("invalid", 400);
        trial.send(coded(path, "gzip", chunk)).problem("invalid", 400);
        byte[] large = Gzip.code(new byte[(1 << 20) + 1]).orElseThrow();
        assertThat(trial.send(coded(path, "gzip", large)).problem("invalid", 400).detail())
                .isEqualTo("gzip: more than 1048576 bytes");
    }

    private HttpRequest.Builder coded(String path, String coding, byte[] body) {
        return alice.request(path)
                .header("Content-Type", "application/octet-stream")
                .header("Content-Encoding", coding)
                .PUT(HttpRequest.BodyPublishers.ofByteArray(body));
    }

    @Test
    void refusesBodiesThatAreTooLong() throws Exception {
        byte[] large = new byte[(1 << 20) + 1];
        alice.octets("PUT", "/v1/chunks/" + Identity.digest(large), large)
                .problem("too-large", 413);
        alice.put("/v1/account/image-key", new ImageKey("A".repeat(300_000)))
                .problem("too-large", 413);
        assertThat(alice.octets("PUT", "/v1/chunks/" + "0".repeat(64), new byte[33 << 20]).status())
                .isEqualTo(413);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET    | /v1/nothing                         | | not-found | 404",
                "GET    | /                                   | | not-found | 404",
                "PATCH  | /v1/account                         | | not-found | 404",
                "GET    | /v1/orders/or-1                     | | invalid | 400",
                "GET    | /v1/leases/x/console                | | invalid | 400",
                "GET    | /v1/leases/vm-aaaaaaaaaaaa          | | not-found | 404",
                "GET    | /v1/chunks/zz                       | | invalid | 400",
                "GET    | /v1/wallet/ledger?limit=0           | | invalid | 400",
                "GET    | /v1/wallet/ledger?limit=many        | | invalid | 400",
                "POST   | /v1/quotes                          | | invalid | 400",
                "POST   | /v1/quotes                          | {} | invalid | 400",
                "POST   | /v1/quotes                          | {\"name\": | invalid | 400",
                "POST   | /v1/quotes                          | [] | invalid | 400",
                "POST   | /v1/quotes                          | null | invalid | 400",
                "PUT    | /v1/account/image-key | {\"publicKey\":1} | invalid | 400",
                "PUT    | /v1/account/image-key | {\"publicKey\":null} | invalid | 400",
                "PUT    | /v1/account/image-key | {\"publicKey\":\"x\"} | invalid | 400",
                "POST   | /v1/chunks/missing | {\"chunks\":[],\"more\":1} | invalid | 400",
                "POST   | /v1/chunks/missing | {\"chunks\":[\"..\"]} | invalid | 400",
            })
    void refusesWhatTheContractDoesNotHave(
            String method, String path, String body, String problem, int status) throws Exception {
        HttpRequest.Builder request = alice.request(path);
        if (body == null) {
            request.method(method, HttpRequest.BodyPublishers.noBody());
        } else {
            request.header("Content-Type", "application/json")
                    .method(method, HttpRequest.BodyPublishers.ofString(body));
        }
        trial.send(request).problem(problem, status);
    }

    @Test
    void asksForASessionEverywhereButWhereNoneCanBe() throws Exception {
        String contract = trial.send(trial.request("/openapi.yaml").GET()).text();
        int checked = 0;
        for (String path :
                List.of(
                        "/v1/account",
                        "/v1/keys",
                        "/v1/ssh-keys",
                        "/v1/volumes",
                        "/v1/volumes/vol-aaaaaaaaaaaa",
                        "/v1/wallet",
                        "/v1/wallet/ledger",
                        "/v1/wallet/deposits/dep-aaaaaaaaaaaa",
                        "/v1/wallet/invoices",
                        "/v1/wallet/payouts",
                        "/v1/wallet/deposits",
                        "/v1/disputes",
                        "/v1/sales",
                        "/v1/rules",
                        "/v1/offers",
                        "/v1/prices",
                        "/v1/orders",
                        "/v1/orders/ord-aaaaaaaaaaaa",
                        "/v1/orders/ord-aaaaaaaaaaaa/explanation",
                        "/v1/sellers/" + "0".repeat(40) + "/explanation",
                        "/v1/leases/vm-aaaaaaaaaaaa",
                        "/v1/leases/vm-aaaaaaaaaaaa/console",
                        "/v1/leases/vm-aaaaaaaaaaaa/trust",
                        "/v1/networks/net-aaaaaaaaaaaa",
                        "/v1/chunks/" + "0".repeat(64),
                        "/v1/line?bytes=1",
                        "/v1/images",
                        "/v1/images/" + "0".repeat(64) + "/manifest")) {
            trial.send(trial.request(path).GET()).problem("unauthenticated", 401);
            for (String token : List.of("sgt_wrong", "sgk_wrong")) {
                trial.send(trial.request(path).header("Authorization", "Bearer " + token).GET())
                        .problem("unauthenticated", 401);
            }
            checked++;
        }
        // Every GET of the contract but health and relays is in the list above.
        long gets = Pattern.compile("(?m)^    get:").matcher(contract).results().count();
        assertThat(checked).isEqualTo(gets - 2);
    }

    @Test
    void keepsRules() throws Exception {
        String mallory = trial.person("mallory").session().account().value();
        Rule rule = new Rule(Rule.Side.SELLING, Rule.Kind.BLOCK, mallory);
        Rules put = alice.put("/v1/rules", rule).as(Rules.class, 200);
        assertThat(put.rules()).containsExactly(rule);
        assertThat(alice.get("/v1/rules").as(Rules.class, 200)).isEqualTo(put);
        alice.delete("/v1/rules/BUYING/" + mallory).problem("not-found", 404);
        alice.delete("/v1/rules/EATING/" + mallory).problem("invalid", 400);
        Rules left = alice.delete("/v1/rules/SELLING/" + mallory).as(Rules.class, 200);
        assertThat(left.rules()).isEmpty();
    }

    private Trial.Reply webhook(String provider, String body, String signature) throws Exception {
        return trial.send(
                trial.request("/v1/webhooks/" + provider)
                        .header("Content-Type", "application/octet-stream")
                        .header("Sparegrid-Signature", signature)
                        .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private static String digest(String text) {
        return Identity.digest(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Blob blob(String text) {
        return new Blob(text.getBytes(StandardCharsets.UTF_8));
    }
}
