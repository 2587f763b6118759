// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.identity.Identity;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.api.Account;
import org.sparegrid.protocol.api.ApiKey;
import org.sparegrid.protocol.api.ApiKey.Scope;
import org.sparegrid.protocol.api.ImageKey;
import org.sparegrid.protocol.api.ImageSummary;
import org.sparegrid.protocol.api.Offers;
import org.sparegrid.protocol.api.OrderRequest;
import org.sparegrid.protocol.api.Rule;
import org.sparegrid.protocol.api.Wallet;
import org.sparegrid.protocol.market.Order;

/// What API keys are good for over the wire.
class KeyApiTest {
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

    private ApiKey.Made make(String spendMax, Scope... scopes) throws Exception {
        return alice.post(
                        "/v1/keys",
                        new ApiKey.Request("robot", List.of(scopes), Credits.parse(spendMax), 30))
                .as(ApiKey.Made.class, 201);
    }

    private Trial.Person program(String spendMax, Scope... scopes) throws Exception {
        return trial.program(alice, make(spendMax, scopes));
    }

    @Test
    void readsAndChangesNothing() throws Exception {
        Trial.Person reader = program("0", Scope.READ);
        assertThat(reader.get("/v1/account").as(Account.class, 200).id())
                .isEqualTo(alice.session().account());
        for (String path :
                List.of(
                        "/v1/wallet",
                        "/v1/wallet/ledger",
                        "/v1/offers",
                        "/v1/orders",
                        "/v1/sales",
                        "/v1/rules",
                        "/v1/images",
                        "/v1/disputes",
                        "/v1/keys",
                        "/v1/wallet/payouts")) {
            assertThat(reader.get(path).status()).as(path).isEqualTo(200);
        }
        assertThat(reader.post("/v1/join-tokens").problem("forbidden", 403).detail())
                .matches("the key key-[a-z2-7]{12} has none of the scopes sell");
        OrderRequest order =
                new OrderRequest(
                        Trial.spec(alice.image("image").id(), "net", 1, 3600),
                        Credits.parse("1"),
                        false);
        reader.once("/v1/orders", order, "order-key").problem("forbidden", 403);
    }

    @Test
    void seesNoMoneyWhenItOnlyOrders() throws Exception {
        Trial.Person buyer = program("0", Scope.ORDER);
        assertThat(buyer.get("/v1/orders").status()).isEqualTo(200);
        for (String path : List.of("/v1/wallet", "/v1/wallet/ledger", "/v1/sales", "/v1/keys")) {
            buyer.get(path).problem("forbidden", 403);
        }
        Trial.Person seller = program("0", Scope.SELL);
        assertThat(seller.post("/v1/join-tokens").status()).isEqualTo(201);
        seller.get("/v1/orders").problem("forbidden", 403);
    }

    /// A key that leaks must not become more than it is, nor outlive its owner's doubts.
    @Test
    void neverDoesWhatOnlyAPersonMay() throws Exception {
        ApiKey.Made made = make("100", Scope.values());
        Trial.Person all = trial.program(alice, made);
        assertThat(all.get("/v1/wallet").as(Wallet.class, 200).balance()).isEqualTo(Credits.ZERO);
        ApiKey.Request more =
                new ApiKey.Request("more", List.of(Scope.ORDER), Credits.parse("1000"), 300);
        assertThat(all.post("/v1/keys", more).problem("forbidden", 403).detail())
                .isEqualTo("only a person who logged in may do that, no key");
        all.delete("/v1/keys/" + made.key().id()).problem("forbidden", 403);
        all.delete("/v1/sessions/current").problem("forbidden", 403);
        all.put("/v1/account/image-key", new ImageKey(Trial.wireGuardKey(1)))
                .problem("forbidden", 403);
        Rule rule =
                new Rule(Rule.Side.BUYING, Rule.Kind.BLOCK, alice.session().account().toString());
        all.put("/v1/rules", rule).problem("forbidden", 403);

        trial.person("mallory").delete("/v1/keys/" + made.key().id()).problem("not-found", 404);
        assertThat(alice.delete("/v1/keys/" + made.key().id()).status()).isEqualTo(200);
        assertThat(all.get("/v1/account").problem("unauthenticated", 401).detail())
                .isEqualTo("the key is unknown, revoked or has expired; make a new one");
    }

    @Test
    void ordersWithinItsCap() throws Exception {
        ImageSummary image = alice.image("image");
        alice.pay("10");
        ApiKey.Made small = make("0.39", Scope.ORDER);
        Trial.Person robot = trial.program(alice, make("0.4", Scope.ORDER));
        try (FakeAgent agent = FakeAgent.join(trial, trial.person("seller"), "0.4")) {
            Trial.await(
                    () -> robot.get("/v1/offers").as(Offers.class, 200).offers(),
                    offers -> offers.size() == 1);
            OrderRequest request =
                    new OrderRequest(
                            Trial.spec(image.id(), "first", 1, 3600), Credits.parse("9"), false);
            assertThat(
                            trial.program(alice, small)
                                    .once("/v1/orders", request, "first-order")
                                    .problem("cost-cap", 409)
                                    .detail())
                    .isEqualTo(
                            "0.4 is to be spent, the key "
                                    + small.key().id()
                                    + " may spend 0.39 more; make a key for more");
            Order order = robot.order(Trial.spec(image.id(), "first", 1, 3600));
            assertThat(order.escrow()).isEqualTo(Credits.parse("0.4"));
            agent.run();
            assertThat(alice.get("/v1/keys").as(ApiKey.Page.class, 200).keys())
                    .extracting(key -> key.spent().toString())
                    .containsExactlyInAnyOrder("0", "0.4");
        }
    }

    @Test
    void keepsTheDigestOfATokenOnly() throws Exception {
        ApiKey.Made made = make("1", Scope.READ);
        StringBuilder stored = new StringBuilder();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "coordinator.db*")) {
            for (Path file : files) {
                stored.append(Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        }
        assertThat(stored)
                .contains("robot", Identity.digest(made.token()))
                .doesNotContain(made.token().substring(ApiKey.TOKEN_PREFIX.length()));
        trial.stop();
        trial.open();
        assertThat(trial.program(alice, made).get("/v1/account").status()).isEqualTo(200);
    }

    @Test
    void refusesAMalformedKey() throws Exception {
        for (String wrong :
                List.of(
                        "{\"name\":\"\",\"scopes\":[\"READ\"],\"spendMax\":\"0\",\"days\":1}",
                        "{\"name\":\"a\",\"scopes\":[],\"spendMax\":\"0\",\"days\":1}",
                        "{\"name\":\"a\",\"scopes\":[\"ALL\"],\"spendMax\":\"0\",\"days\":1}",
                        "{\"name\":\"a\",\"scopes\":[\"READ\"],\"spendMax\":\"-1\",\"days\":1}",
                        "{\"name\":\"a\",\"scopes\":[\"READ\"],\"spendMax\":\"0\",\"days\":0}")) {
            Trial.send(
                            trial.client(),
                            alice.request("/v1/keys")
                                    .header("Content-Type", "application/json")
                                    .POST(java.net.http.HttpRequest.BodyPublishers.ofString(wrong)))
                    .problem("invalid", 400);
        }
    }
}
