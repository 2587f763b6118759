// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.api.AnswerContract;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.identity.Identity;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.api.ApiKey;
import org.sparegrid.protocol.api.ChunkList;
import org.sparegrid.protocol.api.ConsoleKeys;
import org.sparegrid.protocol.api.ConsolePart;
import org.sparegrid.protocol.api.Deposit;
import org.sparegrid.protocol.api.Dispute;
import org.sparegrid.protocol.api.ExplanationRequest;
import org.sparegrid.protocol.api.Gift;
import org.sparegrid.protocol.api.ImageSummary;
import org.sparegrid.protocol.api.Images;
import org.sparegrid.protocol.api.Invoice;
import org.sparegrid.protocol.api.LedgerPage;
import org.sparegrid.protocol.api.NetworkJoin;
import org.sparegrid.protocol.api.NetworkJoined;
import org.sparegrid.protocol.api.Offers;
import org.sparegrid.protocol.api.Opinion;
import org.sparegrid.protocol.api.Orders;
import org.sparegrid.protocol.api.Payout;
import org.sparegrid.protocol.api.Prices;
import org.sparegrid.protocol.api.Registration;
import org.sparegrid.protocol.api.Rule;
import org.sparegrid.protocol.api.Rules;
import org.sparegrid.protocol.api.Sales;
import org.sparegrid.protocol.api.Session;
import org.sparegrid.protocol.api.SshKey;
import org.sparegrid.protocol.api.TrustAnswers;
import org.sparegrid.protocol.api.Volume;
import org.sparegrid.protocol.api.Wallet;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.Blob;
import org.sparegrid.protocol.control.TrustAnswer;
import org.sparegrid.protocol.control.TrustQuestion;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.Explanation;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.NetworkView;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.OrderState;
import org.sparegrid.protocol.market.PeerTraffic;
import org.sparegrid.protocol.market.Placement;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.Quote;
import org.sparegrid.protocol.market.SellerExplanation;
import org.sparegrid.protocol.market.TrafficReport;

/// Asks for everything that openapi.yaml lists, each with success; [Trial] holds every answer
/// against what that file says of it.
class EveryOperationTest {
    private static final Pattern ANSWERED =
            Pattern.compile(
                    "sparegrid_requests_seconds_count\\{operation=\"(\\w+)\",status=\"2\\d\\d\"}");

    @TempDir private Path folder;
    private Trial trial;
    private Trial.Person buyer;
    private Trial.Person seller;

    @BeforeEach
    void open() throws Exception {
        trial = new Trial(folder);
        buyer = trial.person("buyer");
        seller = trial.person("seller");
    }

    @AfterEach
    void close() throws Exception {
        trial.close();
        assertThat(trial.faults()).isEmpty();
    }

    @Test
    void answersEveryOperation() throws Exception {
        people();
        ImageSummary image = images();
        try (FakeAgent agent = FakeAgent.join(trial, seller, "3.6")) {
            OrderSpec spec = Trial.spec(image.id(), "alpha", 1, 7200);
            beforeAnOrder(spec, agent);
            volumes(agent);
            Order order = buyer.order(spec);
            LeaseId lease = agent.run();
            whileItRuns(order, lease, agent);
            trial.advance(1_000);
            agent.meter(lease, 1_000_000);
            afterwards(lease);
            end(order, lease, agent);
            line(agent); // for so long that the silent session may have ended
        }
        money();
        invoice();
        rules();
        keys();
        sshKeys();
        assertThat(buyer.delete("/v1/images/" + image.id()).status()).isEqualTo(204);
        assertThat(buyer.delete("/v1/sessions/current").status()).isEqualTo(204);

        TreeSet<String> expected = new TreeSet<>(AnswerContract.operations());
        // Its success needs the secret of the payment provider; ApiTest has what it refuses.
        assertThat(expected.remove("webhook")).isTrue();
        // Its success needs a TPM that was enrolled; below is what it refuses without one.
        assertThat(expected.remove("askTrust")).isTrue();
        assertThat(answered()).containsAll(expected);
    }

    @Test
    void wouldNoticeAnAnswerThatIsNotAsWritten() {
        assertThatThrownBy(() ->
                        AnswerContract.check(
                                "GET",
                                "/v1/health",
                                200,
                                "application/json",
                                "{\"status\":1}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("health 200: ");
    }

    /// A suspended computer sells nothing, and sells again once it is resumed.
    @Test
    void takesAComputerOffTheMarketAndBack() throws Exception {
        try (FakeAgent agent = FakeAgent.join(trial, seller, "1")) {
            operator("seller", "suspend", agent.seller().toString(), "--reason", "it cheats");
            assertThat(offers(0)).isEmpty();
            operator("seller", "resume", agent.seller().toString());
            assertThat(offers(1)).hasSize(1);
        }
    }

    private List<?> offers(int expected) throws Exception {
        return Trial.await(
                () -> buyer.get("/v1/offers").as(Offers.class, 200).offers(),
                offers -> offers.size() == expected);
    }

    private void people() throws Exception {
        assertThat(trial.send(trial.request("/v1/health").GET()).status()).isEqualTo(200);
        assertThat(trial.send(trial.request("/v1/relays").GET()).status()).isEqualTo(200);
        assertThat(buyer.get("/v1/account").status()).isEqualTo(200);
        Registration again = new Registration("seller@grid.example", "long enough seller");
        assertThat(trial.anonymous("/v1/sessions", again).as(Session.class, 201).account())
                .isEqualTo(seller.session().account());
        buyer.pay("100");
        assertThat(buyer.get("/v1/wallet").as(Wallet.class, 200).balance())
                .isEqualTo(Credits.parse("90"));
        assertThat(buyer.get("/v1/wallet/ledger").as(LedgerPage.class, 200).entries()).hasSize(2);
    }

    private ImageSummary images() throws Exception {
        ImageSummary image = buyer.image("image");
        String chunk = Identity.digest("chunk of image".getBytes(StandardCharsets.UTF_8));
        assertThat(
                        buyer.post("/v1/chunks/missing", new ChunkList(List.of(chunk)))
                                .as(ChunkList.class, 200)
                                .chunks())
                .isEmpty();
        assertThat(buyer.get("/v1/chunks/" + chunk).text()).isEqualTo("chunk of image");
        assertThat(buyer.get("/v1/images").as(Images.class, 200).images()).containsExactly(image);
        assertThat(buyer.get("/v1/images/" + image.id() + "/manifest").text()).isEqualTo("image");
        return image;
    }

    /// Only sellers' computers, and only so often.
    private void line(FakeAgent agent) throws Exception {
        String line = "/v1/line";
        buyer.get(line + "?bytes=10").problem("forbidden", 403);
        try (HttpClient computer = trial.client(agent.keys())) {
            assertThat(trial.fetch(computer, line + "?bytes=70000").body()).hasSize(70_000);
            trial.fetch(computer, line + "?bytes=600000").problem("invalid", 400);
            assertThat(send(computer, 100_000).status()).isEqualTo(204);
            send(computer, 600_000).problem("too-large", 413);
            Trial.Reply last = trial.fetch(computer, line + "?bytes=1");
            for (int i = 0; i < 300 && last.status() == 200; i++) {
                last = trial.fetch(computer, line + "?bytes=1");
            }
            last.problem("rate-limited", 429);
        }
    }

    private Trial.Reply send(HttpClient computer, int bytes) throws Exception {
        return Trial.send(
                computer,
                trial.request("/v1/line")
                        .header("Content-Type", "application/octet-stream")
                        .PUT(HttpRequest.BodyPublishers.ofByteArray(new byte[bytes])));
    }

    private void beforeAnOrder(OrderSpec spec, FakeAgent agent) throws Exception {
        assertThat(offers(1)).hasSize(1);
        assertThat(buyer.post("/v1/quotes", spec).as(Quote.class, 200).machines()).hasSize(1);
        assertThat(buyer.get("/v1/prices?hours=2").as(Prices.class, 200).hours()).isEmpty();
        ExplanationRequest why =
                new ExplanationRequest(1, Query.parse("price<1"), Placement.ANY, 7200, 0);
        assertThat(buyer.post("/v1/explanations", why).as(Explanation.class, 200).available())
                .isZero();
        String path = "/v1/sellers/" + agent.seller() + "/explanation";
        assertThat(seller.get(path).as(SellerExplanation.class, 200).selling()).isTrue();
    }

    private void whileItRuns(Order order, LeaseId lease, FakeAgent agent) throws Exception {
        assertThat(buyer.get("/v1/orders").as(Orders.class, 200).orders()).hasSize(1);
        assertThat(buyer.order(order.id()).state()).isEqualTo(OrderState.RUNNING);
        String explanation = "/v1/orders/" + order.id() + "/explanation";
        assertThat(buyer.get(explanation).as(Explanation.class, 200).available()).isZero();
        String machine = "/v1/leases/" + lease;
        assertThat(buyer.get(machine).as(Lease.class, 200).id()).isEqualTo(lease);
        agent.tell(new AgentMessage.ConsoleOutput(lease, 0, blob("login: ")));
        assertThat(buyer.get(machine + "/console").as(ConsolePart.class, 200).bytes())
                .isEqualTo(blob("login: "));
        assertThat(buyer.post(machine + "/console", new ConsoleKeys(blob("root\n"))).status())
                .isEqualTo(204);
        agent.tell(new AgentMessage.TrustAnswered(lease, new TrustAnswer.Ready()));
        assertThat(
                        Trial.await(
                                () -> buyer.get(machine + "/trust").as(TrustAnswers.class, 200),
                                said -> !said.answers().isEmpty()))
                .isEqualTo(
                        new TrustAnswers(
                                List.of(new TrustAnswers.Numbered(1, new TrustAnswer.Ready()))));
        buyer.post(machine + "/trust", new TrustQuestion.Refusal("PCR_POLICY", "another"))
                .problem("conflict", 409);
        String network = "/v1/networks/" + order.network();
        NetworkJoin join = new NetworkJoin("laptop", Trial.wireGuardKey(1), List.of());
        NetworkJoined joined = buyer.put(network + "/members", join).as(NetworkJoined.class, 200);
        assertThat(buyer.get(network).as(NetworkView.class, 200).members()).hasSize(2);
        TrafficReport traffic =
                new TrafficReport(1, List.of(new PeerTraffic(joined.self(), 1000, 2000, 0, 0)));
        assertThat(buyer.post(network + "/members/" + joined.self() + "/traffic", traffic).status())
                .isEqualTo(204);
        assertThat(buyer.delete(network + "/members/" + joined.self()).status()).isEqualTo(204);
    }

    private void afterwards(LeaseId lease) throws Exception {
        // A thousand seconds at 3.6 an hour.
        Trial.await(
                () -> seller.get("/v1/wallet").as(Wallet.class, 200).earnings(),
                earned -> earned.equals(Credits.parse("1")));
        assertThat(seller.get("/v1/sales").as(Sales.class, 200).sales())
                .singleElement()
                .satisfies(sale -> assertThat(sale.earned()).isEqualTo(Credits.parse("1")));
        buyer.post("/v1/leases/" + lease + "/rating", new Opinion(true)).problem("conflict", 409);
    }

    private void end(Order order, LeaseId lease, FakeAgent agent) throws Exception {
        buyer.post("/v1/leases/" + lease + "/stop").as(Lease.class, 200);
        buyer.post("/v1/orders/" + order.id() + "/stop").as(Order.class, 200);
        agent.tell(
                new AgentMessage.Ended(
                        lease, EndReason.BUYER, "stopped", FakeAgent.usage(1_000_000)));
        buyer.await(order.id(), now -> now.state() == OrderState.CLOSED);
        String machine = "/v1/leases/" + lease;
        Opinion good = new Opinion(true);
        assertThat(buyer.post(machine + "/rating", good).status()).isEqualTo(204);
        assertThat(seller.post(machine + "/rating", good).status()).isEqualTo(204);
        trial.person("mallory").post(machine + "/rating", good).problem("not-found", 404);
        buyer.post(machine + "/rating", new Opinion(false)).problem("conflict", 409);
        Dispute dispute =
                buyer.post(machine + "/dispute", new Dispute.Request("it computed nonsense"))
                        .as(Dispute.class, 201);
        assertThat(dispute.reserved()).isEqualTo(Credits.parse("1"));
        operator("dispute", "resolve", lease.toString(), "--refund", "40");
        for (Trial.Person party : List.of(buyer, seller)) {
            assertThat(party.get("/v1/disputes").as(Dispute.Page.class, 200).disputes())
                    .singleElement()
                    .satisfies(seen -> assertThat(seen.refunded()).isEqualTo(Credits.parse("0.4")));
        }
    }

    private void money() throws Exception {
        Gift gift = new Gift(seller.session().account(), Credits.parse("5"));
        for (int times = 0; times < 2; times++) {
            assertThat(buyer.once("/v1/wallet/gifts", gift, "gift-key-1").status()).isEqualTo(204);
        }
        assertThat(seller.get("/v1/wallet").as(Wallet.class, 200))
                .isEqualTo(new Wallet(Credits.parse("5"), Credits.ZERO, Credits.parse("0.6")));
        Payout.Request request = new Payout.Request(Credits.parse("0.25"), "IBAN 12 34");
        Payout payout =
                seller.once("/v1/wallet/payouts", request, "payout-key-1").as(Payout.class, 201);
        assertThat(seller.once("/v1/wallet/payouts", request, "payout-key-1").as(Payout.class, 201))
                .isEqualTo(payout);
        operator("payout", "paid", payout.id().toString());
        assertThat(seller.get("/v1/wallet/payouts").as(Payout.Page.class, 200).payouts())
                .singleElement()
                .satisfies(seen -> assertThat(seen.state()).isEqualTo(Payout.State.PAID));
        assertThat(seller.get("/v1/wallet").as(Wallet.class, 200).earnings())
                .isEqualTo(Credits.parse("0.35"));
    }

    private void invoice() throws Exception {
        Deposit paid = buyer.pay("10");
        Invoice.Request request = new Invoice.Request(List.of("ACME", "1 Main Street"));
        Invoice invoice =
                buyer.put("/v1/wallet/deposits/" + paid.id() + "/invoice", request)
                        .as(Invoice.class, 200);
        assertThat(invoice.commission()).isEqualTo(Credits.parse("1"));
        assertThat(buyer.get("/v1/wallet/deposits").as(Deposit.Page.class, 200).deposits())
                .hasSize(2)
                .contains(paid);
        assertThat(buyer.get("/v1/wallet/invoices").as(Invoice.Page.class, 200).invoices())
                .containsExactly(invoice);
    }

    private void volumes(FakeAgent agent) throws Exception {
        Volume.Request request = new Volume.Request("data", 3, Credits.parse("1"), Query.ANY);
        Volume made = buyer.once("/v1/volumes", request, "volume-key-1").as(Volume.class, 201);
        assertThat(buyer.once("/v1/volumes", request, "volume-key-1").as(Volume.class, 201).id())
                .isEqualTo(made.id());
        buyer.once("/v1/volumes", request, "volume-key-2").problem("conflict", 409);
        agent.tell(new AgentMessage.VolumeKept(made.id()));
        String path = "/v1/volumes/" + made.id();
        Volume kept =
                buyer.get(path + "?after=" + made.version() + "&wait=9").as(Volume.class, 200);
        // Three GiB at 0.3 for seven of thirty days.
        assertThat(kept)
                .returns(Volume.State.EMPTY, Volume::state)
                .returns(Credits.parse("0.21"), Volume::held);
        // What is held for it may have grown meanwhile.
        assertThat(buyer.get("/v1/volumes").as(Volume.Page.class, 200).volumes())
                .extracting(Volume::id)
                .containsExactly(kept.id());
        Trial.Person eve = trial.person("eve");
        eve.get(path).problem("not-found", 404);
        eve.delete(path).problem("not-found", 404);
        assertThat(buyer.delete(path).as(Volume.class, 200))
                .returns(Volume.State.DELETING, Volume::state)
                .returns(Credits.ZERO, Volume::held);
        agent.tell(new AgentMessage.VolumeGone(made.id(), "removed"));
        assertThat(buyer.get(path).as(Volume.class, 200).state()).isEqualTo(Volume.State.ENDED);
    }

    private void rules() throws Exception {
        String subject = seller.session().account().toString();
        Rule rule = new Rule(Rule.Side.BUYING, Rule.Kind.BLOCK, subject);
        assertThat(buyer.put("/v1/rules", rule).as(Rules.class, 200).rules()).containsExactly(rule);
        assertThat(buyer.get("/v1/rules").as(Rules.class, 200).rules()).containsExactly(rule);
        assertThat(buyer.delete("/v1/rules/BUYING/" + subject).as(Rules.class, 200).rules())
                .isEmpty();
    }

    private void sshKeys() throws Exception {
        byte[] blob = new byte[51];
        byte[] type = "ssh-ed25519".getBytes(StandardCharsets.US_ASCII);
        blob[3] = (byte) type.length;
        System.arraycopy(type, 0, blob, 4, type.length);
        SshKey.Request request = new SshKey.Request("ssh-ed25519 " + Trial.base64(blob) + " me");
        SshKey key = buyer.post("/v1/ssh-keys", request).as(SshKey.class, 201);
        SshKey.Page page = buyer.get("/v1/ssh-keys").as(SshKey.Page.class, 200);
        assertThat(page).isEqualTo(new SshKey.Page(List.of(key), "", ""));
        assertThat(buyer.delete("/v1/ssh-keys/" + SshKey.toPath(key.fingerprint())).status())
                .isEqualTo(204);
    }

    private void keys() throws Exception {
        ApiKey.Request request =
                new ApiKey.Request("robot", List.of(ApiKey.Scope.READ), Credits.ZERO, 30);
        ApiKey.Made made = buyer.post("/v1/keys", request).as(ApiKey.Made.class, 201);
        assertThat(buyer.get("/v1/keys").as(ApiKey.Page.class, 200).keys())
                .containsExactly(made.key());
        assertThat(buyer.delete("/v1/keys/" + made.key().id()).as(ApiKey.class, 200).state())
                .isEqualTo(ApiKey.State.REVOKED);
    }

    /// What the coordinator itself counted as done.
    private TreeSet<String> answered() throws Exception {
        HttpRequest.Builder request =
                trial.request("/metrics").header("Authorization", "Bearer 0123456789-of-trials");
        try (HttpClient client = trial.client()) {
            TreeSet<String> operations = new TreeSet<>();
            Matcher figures = ANSWERED.matcher(Trial.send(client, request.GET()).text());
            while (figures.find()) {
                operations.add(figures.group(1));
            }
            return operations;
        }
    }

    /// Does what an operator does, beside the coordinator that serves.
    private void operator(String... words) throws Exception {
        // The command reads the settings of the folder.
        Path settings = folder.resolve(Settings.FILE);
        if (!Files.exists(settings)) {
            Files.writeString(settings, "public-addresses = [\"127.0.0.1\"]\n");
        }
        String[] command = Arrays.copyOf(words, words.length + 2);
        command[words.length] = "--home";
        command[words.length + 1] = folder.toString();
        assertThat(CoordinatorCommand.run(command)).isZero();
    }

    private static Blob blob(String text) {
        return new Blob(text.getBytes(StandardCharsets.UTF_8));
    }
}
