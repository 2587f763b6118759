// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.api.Dispute;
import org.sparegrid.protocol.api.LedgerPage;
import org.sparegrid.protocol.api.Wallet;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderState;

/// A town's part of what its people earn.
class RoyaltyTest {
    private static final long HOUR = 3600;
    private static final String[] TOWN = {
        "royalty = \"12.5 %\"", "royalty-account = \"town@grid.example\""
    };

    @TempDir private Path folder;
    private Trial trial;
    private Trial.Person seller;
    private Trial.Person buyer;
    private ImageId image;

    @BeforeEach
    void open() throws Exception {
        trial = new Trial(folder, String.join("\n", TOWN) + "\n");
        seller = trial.person("seller");
        buyer = trial.person("buyer");
        buyer.pay("100");
        image = buyer.image("image").id();
    }

    @AfterEach
    void close() throws Exception {
        trial.close();
        assertThat(trial.faults()).isEmpty();
    }

    @Test
    void isTakenOfWhatSellersArePaid() throws Exception {
        Trial.Person town = trial.person("town");
        Credits taken = Credits.ZERO;
        Credits charged = Credits.ZERO;
        LeaseId lease;
        try (FakeAgent agent = FakeAgent.join(trial, seller, "0.333333333")) {
            Order order = buyer.order(Trial.spec(image, "alpha", 1, HOUR));
            lease = agent.run();
            for (int seconds : new int[] {7, 18, 101, 1003}) {
                trial.advance(seconds);
                agent.meter(lease, seconds * 1000L);
                Credits due = Credits.parse("0.333333333").perHourFor(seconds);
                taken = taken.plus(due.minus(charged).basisPoints(1250));
                charged = due;
                assertThat(earned(town)).isEqualTo(taken);
                assertThat(earned(seller)).isEqualTo(charged.minus(taken));
            }
            agent.tell(
                    new AgentMessage.Ended(
                            lease, EndReason.POWERED_OFF, "", FakeAgent.usage(1_003_000)));
            Order over = buyer.await(order.id(), now -> now.state() == OrderState.CLOSED);
            assertThat(over.charged()).isEqualTo(charged);
        }
        assertThat(taken).isGreaterThan(Credits.parse("0.0116"));
        assertThat(seller.get("/v1/wallet/ledger").as(LedgerPage.class, 200).entries())
                .filteredOn(entry -> entry.kind().equals("royalty"))
                .hasSize(4)
                .allSatisfy(entry -> {
                    assertThat(entry.amount().isNegative()).isTrue();
                    assertThat(entry.reference()).isEqualTo(lease.value());
                });
        // A dispute is about what the seller got.
        assertThat(
                        buyer.post("/v1/leases/" + lease + "/dispute", new Dispute.Request("slow"))
                                .as(Dispute.class, 201)
                                .reserved())
                .isEqualTo(charged.minus(taken));
        assertThat(earned(town)).isEqualTo(taken);
    }

    @Test
    void isNotTakenOfThePoolsOwnComputers() throws Exception {
        Trial.Person town = trial.person("town");
        try (FakeAgent agent = FakeAgent.join(trial, town, "0.36")) {
            run(agent);
            assertThat(earned(town)).isEqualTo(Credits.parse("0.01"));
        }
    }

    @Test
    void isNotTakenWhileNobodyHasTheAccount() throws Exception {
        Operator operator = new Operator(folder, TOWN);
        try (FakeAgent agent = FakeAgent.join(trial, seller, "0.36")) {
            run(agent);
            assertThat(earned(seller)).isEqualTo(Credits.parse("0.01"));
        }
        assertThat(operator.run("doctor"))
                .contains("FAULT royalty for town@grid.example\n      nobody has this account");
        trial.person("town");
        assertThat(operator.run("doctor")).contains("ok    royalty for town@grid.example");
    }

    private void run(FakeAgent agent) throws Exception {
        buyer.order(Trial.spec(image, "alpha", 1, HOUR));
        LeaseId lease = agent.run();
        trial.advance(100);
        agent.meter(lease, 100_000);
        agent.tell(
                new AgentMessage.Ended(lease, EndReason.POWERED_OFF, "", FakeAgent.usage(100_000)));
    }

    private static Credits earned(Trial.Person person) throws Exception {
        return person.get("/v1/wallet").as(Wallet.class, 200).earnings();
    }
}
