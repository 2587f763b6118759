// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.operation.Caller;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.store.TrustTable;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.api.OrderRequest;
import org.sparegrid.protocol.api.TrustAnswers;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.Blob;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.control.TrustAnswer;
import org.sparegrid.protocol.control.TrustQuestion;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.LeaseProgress.Phase;
import org.sparegrid.protocol.market.LeaseState;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.Term;

/// What the coordinator carries between buyers and agents about trust, and what it costs.
class TrustTest {
    private static final TrustQuestion.Refusal REFUSAL =
            new TrustQuestion.Refusal("PCR_POLICY", "register 11 is another");

    @TempDir private Path folder;
    private MarketFixture fixture;
    private AccountId buyer;
    private AccountId owner;
    private ImageId image;
    private FakeAgent agent;
    private SellerId seller;

    @BeforeEach
    void open() throws IOException {
        fixture = open(folder);
        buyer = fixture.register("buyer@example.org");
        owner = fixture.register("owner@example.org");
        image = fixture.image(buyer, "bytes");
        fixture.give(buyer, "10");
        seller = fixture.enrol(owner, 1);
        agent = new FakeAgent(seller, "0.1", 1).connect(fixture.market());
    }

    MarketFixture open(Path of) throws IOException {
        return new MarketFixture(of);
    }

    @AfterEach
    void close() {
        assertThat(fixture.faults()).isEmpty();
        fixture.close();
    }

    private Order place(Query where) {
        OrderSpec open = MarketFixture.request("blue", image, 1, 3600).spec();
        OrderSpec spec =
                new OrderSpec(
                        open.name(),
                        open.image(),
                        open.machines(),
                        open.size(),
                        open.pricePerHourMax(),
                        open.secondsMax(),
                        open.emulationAllowed(),
                        open.authorizedKeys(),
                        open.placement(),
                        where,
                        open.checkpoints(),
                        open.volume(),
                        0);
        return fixture.market()
                .order(new Caller.Person(buyer), new OrderRequest(spec, Credits.MAX, false), "");
    }

    private static Query trusted(int level) {
        return new Query(
                List.of(new Term.Bound(Attribute.ATTESTATION, Term.Relation.AT_LEAST, level)));
    }

    @Test
    void sellsNothingUnprovenToWhoAsksForProof() {
        assertThatThrownBy(() -> place(trusted(1)))
                .isInstanceOf(RefusedException.class)
                .extracting(refused -> ((RefusedException) refused).reason())
                .isEqualTo(RefusedException.Reason.NO_MATCH);
        Order open = place(Query.ANY);
        assertThat(agent.told(CoordinatorMessage.LeaseOffered.class))
                .singleElement()
                .satisfies(offer -> assertThat(offer.trust()).isZero());
        assertThatThrownBy(() -> fixture.market().askTrust(buyer, lease(open), REFUSAL))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("asks for no trust");
    }

    @Test
    void believesNoTpmWithoutACertificateThatLeadsToARoot() {
        Blob bytes = new Blob(new byte[] {1, 2, 3});
        agent.say(fixture.market(), new AgentMessage.TpmOffered(2, bytes, bytes, bytes));
        agent.say(fixture.market(), new AgentMessage.TpmProved(bytes));
        assertThat(agent.told(CoordinatorMessage.TpmChallenged.class)).isEmpty();
        assertThatThrownBy(() -> place(trusted(1))).isInstanceOf(RefusedException.class);
    }

    @Test
    void knowsOneSellerByATpm() {
        TrustTable.Tpm tpm =
                new TrustTable.Tpm(seller, "d".repeat(64), "INTC", "model", "firmware", true, 1);
        fixture.decide(tx -> {
            tx.trust().put(tpm, fixture.now());
            tx.trust().put(tpm, fixture.now());
            return true;
        });
        Optional<SellerId> known = fixture.decide(tx -> tx.trust().sellerOf("d".repeat(64)));
        Optional<SellerId> other = fixture.decide(tx -> tx.trust().sellerOf("e".repeat(64)));
        assertThat(known).hasValue(seller);
        assertThat(other).isEmpty();
    }

    @Test
    void keepsTheFirstAnswersAndTheNewest() {
        Blob nonce = new Blob(new byte[32]);
        Order open = place(Query.ANY);
        for (int i = 1; i <= 60; i++) {
            agent.say(
                    fixture.market(),
                    new AgentMessage.TrustAnswered(
                            lease(open), TrustAnswer.Evidence.of(nonce, new byte[] {(byte) i})));
        }
        List<TrustAnswers.Numbered> kept =
                fixture.decide(tx -> tx.trust().answers(lease(open), 0, 100));
        assertThat(kept).hasSize(24);
        assertThat(kept.getFirst().number()).isEqualTo(1);
        assertThat(kept.getLast().answer())
                .isEqualTo(TrustAnswer.Evidence.of(nonce, new byte[] {60}));
        assertThat(fixture.market().trustAnswers(buyer, lease(open), 58, Duration.ZERO).answers())
                .extracting(TrustAnswers.Numbered::number)
                .containsExactly(59L, 60L);
        assertThatThrownBy(
                        () -> fixture.market().trustAnswers(owner, lease(open), 0, Duration.ZERO))
                .isInstanceOf(RefusedException.class);
    }

    private LeaseId standsReady() {
        fixture.market().exchange().asks().attest(seller, 1);
        Order order = place(trusted(1));
        agent.accept(fixture.market(), lease(order), 1);
        agent.progress(fixture.market(), lease(order), Phase.BOOTING);
        return lease(order);
    }

    @Test
    void billsNothingBeforeTheBuyerLetTheMachineIn() {
        LeaseId lease = standsReady();
        agent.progress(fixture.market(), lease, Phase.ON_NETWORK);
        fixture.pass(20_000);
        agent.meter(fixture.market(), lease, 20_000);
        agent.connect(fixture.market(), FakeAgent.report(lease, Phase.ON_NETWORK, 1, 20_000));
        assertThat(fixture.market().lease(buyer, lease).state()).isEqualTo(LeaseState.STARTING);
        TrustQuestion admission = new TrustQuestion.Admission(new Blob(new byte[40]));
        fixture.market().askTrust(buyer, lease, admission);
        assertThat(agent.told(CoordinatorMessage.TrustAsked.class))
                .containsExactly(new CoordinatorMessage.TrustAsked(lease, admission));
        agent.progress(fixture.market(), lease, Phase.ON_NETWORK);
        fixture.pass(100_000);
        agent.meter(fixture.market(), lease, 100_000);
        fixture.market().askTrust(buyer, lease, REFUSAL);
        assertThat(agent.told(CoordinatorMessage.StopLease.class)).hasSize(1);
        agent.end(fixture.market(), lease, EndReason.BUYER, 100_000);
        Lease over = fixture.market().lease(buyer, lease);
        assertThat(over.state().isLive()).isFalse();
        assertThat(over.events().toString()).contains("PCR_POLICY").contains("register 11");
        assertThat(over.billedSeconds()).isEqualTo(100);
        assertThat(fixture.balance(Book.earnings(owner))).isGreaterThan(Credits.ZERO);
    }

    @Test
    void chargesNothingForAMachineThatWasRefusedBeforeItRan() {
        LeaseId lease = standsReady();
        agent.progress(fixture.market(), lease, Phase.ON_NETWORK);
        fixture.pass(60_000);
        agent.meter(fixture.market(), lease, 60_000);
        fixture.market().askTrust(buyer, lease, REFUSAL);
        assertThat(agent.told(CoordinatorMessage.StopLease.class)).hasSize(1);
        agent.end(fixture.market(), lease, EndReason.BUYER, 60_000);
        assertThat(fixture.market().lease(buyer, lease).billedSeconds()).isZero();
        assertThat(fixture.balance(Book.wallet(buyer))).isEqualTo(Credits.parse("10"));
        assertThat(fixture.balance(Book.earnings(owner))).isEqualTo(Credits.ZERO);
    }

    private static LeaseId lease(Order order) {
        return order.leases().getFirst().id();
    }
}
