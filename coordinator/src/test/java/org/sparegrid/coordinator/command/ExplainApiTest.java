// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.api.ExplanationRequest;
import org.sparegrid.protocol.api.Offers;
import org.sparegrid.protocol.api.OrderRequest;
import org.sparegrid.protocol.market.Explanation;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.Placement;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.Quote;
import org.sparegrid.protocol.market.SellerExplanation;
import org.sparegrid.protocol.market.SellerExplanation.Outcome;
import org.sparegrid.protocol.market.SellerExplanation.Result;
import org.sparegrid.protocol.market.VolumeUse;

/// Queries and explanations over the wire.
class ExplainApiTest {
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
    }

    private List<String> offers(String query, String order) throws Exception {
        String path = "/v1/offers?q=" + URLEncoder.encode(query, StandardCharsets.UTF_8);
        return alice.get(path + "&order=" + order).as(Offers.class, 200).offers().stream()
                .map(offer -> offer.ask().name())
                .toList();
    }

    @Test
    void listsWhatAQueryAsksFor() throws Exception {
        try (FakeAgent cheap = FakeAgent.join(trial, alice, "0.1");
                FakeAgent dear = FakeAgent.join(trial, alice, "0.2")) {
            assertThat(offers("cpu>=2", "price-")).containsExactly("fake 0.2", "fake 0.1");
            assertThat(offers("price<0.2 not kvm", "score,price")).containsExactly("fake 0.1");
            assertThat(offers("kvm", "price")).isEmpty();
            assertThat(alice.get("/v1/offers?q=prise%3C2").problem("invalid", 400).detail())
                    .isEqualTo(
                            "q: query: there is no attribute 'prise' at column 1; did you mean"
                                    + " price?");
            alice.get("/v1/offers?order=kvm").problem("invalid", 400);
            assertThat(cheap.seller()).isNotEqualTo(dear.seller());
        }
    }

    @Test
    void anOrderTakesWhatItsQuerySays() throws Exception {
        try (FakeAgent cheap = FakeAgent.join(trial, alice, "0.1");
                FakeAgent dear = FakeAgent.join(trial, alice, "0.2")) {
            alice.pay("10");
            ImageId image = alice.image("image").id();
            OrderSpec spec = where(Trial.spec(image, "net", 1, 3600), "price>0.1");
            Quote quote = alice.post("/v1/quotes", spec).as(Quote.class, 200);
            assertThat(quote.machines())
                    .singleElement()
                    .satisfies(offer -> assertThat(offer.seller()).isEqualTo(dear.seller()));
            Order order = alice.order(spec);
            assertThat(order.leases().getFirst().seller()).isEqualTo(dear.seller());
            assertThat(order.spec()).isEqualTo(spec);
            Explanation why =
                    alice.get("/v1/orders/" + order.id() + "/explanation")
                            .as(Explanation.class, 200);
            assertThat(why.available()).isZero();
            assertThat(why.relaxations().getFirst()).hasToString("price>=0.1 instead of price>0.1");
            assertThat(cheap.seller()).isNotEqualTo(dear.seller());
        }
    }

    @Test
    void tellsBuyersWhatTheCheapestChangeIs() throws Exception {
        try (FakeAgent agent = FakeAgent.join(trial, alice, "0.3")) {
            alice.pay("10");
            Explanation why =
                    alice.post(
                                    "/v1/explanations",
                                    new ExplanationRequest(
                                            1,
                                            Query.parse("memory>=4GiB price<1"),
                                            Placement.ANY,
                                            0,
                                            0))
                            .as(Explanation.class, 200);
            assertThat(why.relaxations())
                    .singleElement()
                    .hasToString("memory>=1024 instead of memory>=4096");
            assertThat(why.relaxations().getFirst().pricePerHour()).isEqualTo(Credits.parse("0.3"));
            OrderSpec spec =
                    where(Trial.spec(alice.image("image").id(), "net", 1, 3600), "price<=0.25");
            assertThat(
                            alice.once(
                                            "/v1/orders",
                                            new OrderRequest(spec, Credits.parse("1"), false),
                                            Trial.key())
                                    .problem("no-match", 409)
                                    .errors())
                    .containsExactly(
                            "1 slots fail price<=0.25",
                            "cheapest change: price<=0.3 instead of price<=0.25, then 0.3 an hour");
            assertThat(agent.seller()).isNotNull();
        }
    }

    @Test
    void tellsASellerAtWhichPriceItWouldHaveWon() throws Exception {
        Trial.Person seller = trial.person("bob");
        try (FakeAgent dear = FakeAgent.join(trial, seller, "0.3");
                FakeAgent cheap = FakeAgent.join(trial, alice, "0.2")) {
            alice.pay("10");
            ImageId image = alice.image("image").id();
            Order order = alice.order(Trial.spec(image, "net", 1, 3600));
            assertThat(order.leases().getFirst().seller()).isEqualTo(cheap.seller());
            String path = "/v1/sellers/" + dear.seller() + "/explanation";
            SellerExplanation why = seller.get(path).as(SellerExplanation.class, 200);
            assertThat(why.selling()).isTrue();
            Outcome outcome = why.orders().getFirst();
            assertThat(outcome.result()).isEqualTo(Result.TOO_DEAR);
            assertThat(outcome.winningPrice()).isEqualTo(Credits.parse("0.199999999"));
            assertThat(outcome.failed()).isEmpty();
            alice.get(path).problem("not-found", 404);
            HttpClient computer = trial.client(dear.keys());
            assertThat(
                            Trial.send(computer, trial.request(path).GET())
                                    .as(SellerExplanation.class, 200))
                    .isEqualTo(why);
            String other = "/v1/sellers/" + cheap.seller() + "/explanation";
            Trial.send(computer, trial.request(other).GET()).problem("not-found", 404);
            computer.close();
            assertThat(
                            alice.get(other)
                                    .as(SellerExplanation.class, 200)
                                    .orders()
                                    .getFirst()
                                    .result())
                    .isEqualTo(Result.TAKEN);
        }
    }

    private static OrderSpec where(OrderSpec spec, String where) throws Exception {
        return new OrderSpec(
                spec.name(),
                spec.image(),
                spec.machines(),
                spec.size(),
                spec.pricePerHourMax(),
                spec.secondsMax(),
                spec.emulationAllowed(),
                spec.authorizedKeys(),
                spec.placement(),
                Query.parse(where),
                spec.checkpoints(),
                VolumeUse.NONE,
                0);
    }
}
