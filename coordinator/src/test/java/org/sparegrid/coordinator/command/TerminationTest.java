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
import org.sparegrid.protocol.api.OrderRequest;
import org.sparegrid.protocol.api.Wallet;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorMessage.StopLease;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.LeaseEvent;
import org.sparegrid.protocol.market.LeaseState;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.OrderState;
import org.sparegrid.protocol.market.Placement;

/// How an operator looks at orders and machines and ends them, beside a coordinator that serves.
class TerminationTest {
    private static final long HOUR = 3600;
    private static final String WHY = "the police asked, as of № 7";
    private static final String SAID = "ended by the operator: " + WHY;

    @TempDir private Path folder;
    private Operator operator;
    private Trial trial;
    private Trial.Person seller;
    private Trial.Person buyer;
    private ImageId image;
    private FakeAgent agent;

    @BeforeEach
    void open() throws Exception {
        operator = new Operator(folder);
        trial = new Trial(folder);
        seller = trial.person("seller");
        buyer = trial.person("buyer");
        buyer.pay("100");
        image = buyer.image("image").id();
        agent = FakeAgent.join(trial, seller, "0.36");
    }

    @AfterEach
    void close() throws Exception {
        agent.close();
        trial.close();
        assertThat(trial.faults()).isEmpty();
    }

    @Test
    void endsAMachineThatIsPaidUntilItIsGone() throws Exception {
        Order order = buyer.order(Trial.spec(image, "alpha", 1, HOUR));
        LeaseId lease = agent.run();
        trial.advance(100);
        agent.meter(lease, 100_000);
        assertThat(operator.run("lease", "terminate", lease.value(), "--reason", WHY))
                .isEqualTo("0 " + lease + " is STOPPING\n");
        assertThat(agent.expect(StopLease.class)).isEqualTo(new StopLease(lease, SAID));
        assertThat(operator.run("lease", "terminate", lease.value(), "--reason", "again"))
                .isEqualTo("1 error: " + lease + " is being stopped already: " + SAID + "\n");
        trial.advance(20);
        agent.tell(new AgentMessage.Ended(lease, EndReason.BUYER, "", FakeAgent.usage(120_500)));

        Order over = buyer.await(order.id(), now -> now.state() == OrderState.CLOSED);
        Credits due = Credits.parse("0.36").perHourFor(120);
        assertThat(over.charged()).isEqualTo(due);
        assertThat(over.escrow()).isEqualTo(Credits.ZERO);
        assertThat(seller.get("/v1/wallet").as(Wallet.class, 200).earnings()).isEqualTo(due);
        Lease ended = over.leases().getFirst();
        assertThat(ended.ended()).isEqualTo("OPERATOR");
        assertThat(ended.events())
                .filteredOn(event -> event.state() == LeaseState.STOPPING)
                .extracting(LeaseEvent::detail)
                .containsExactly(SAID);
        assertThat(trial.audit()).contains("lease-terminated " + lease + " " + WHY);
        assertThat(operator.run("lease", "terminate", lease.value(), "--reason", "again"))
                .isEqualTo("1 error: " + lease + " is over: " + SAID + "\n");
        assertThat(operator.run("lease", "show", lease.value()))
                .startsWith("0 machine  " + lease + ", node1 of the order " + order.id())
                .contains("buyer    buyer@grid.example (acc-")
                .contains("owner    seller@grid.example (acc-")
                .contains("ended    OPERATOR: " + SAID)
                .contains("billed   0.012000000 for 120 of 120 s")
                .contains("meter    120 s of time")
                .contains("STOPPING  " + SAID);
    }

    @Test
    void endsAnOrderWithAllItsMachines() throws Exception {
        try (FakeAgent other = FakeAgent.join(trial, seller, "0.72")) {
            Order order = buyer.order(Trial.spec(image, "alpha", 2, HOUR));
            LeaseId one = agent.run();
            LeaseId two = other.accept().lease(); // it never came up, so it costs nothing
            assertThat(operator.run("order", "show", order.id().value()))
                    .startsWith("0 order    " + order.id() + " of ")
                    .contains("buyer    buyer@grid.example (acc-")
                    .contains("state    STARTING")
                    .contains("wants    2 machines of 1 cpus, 256 MiB memory")
                    .contains("money    0.000000000 paid to sellers, 1.080000000 held, limit 100")
                    .contains(one + "  node")
                    .contains(two + "  node");
            assertThat(operator.run("order", "cancel", order.id().value(), "--reason", WHY))
                    .isEqualTo("0 " + order.id() + " is STOPPING\n");
            assertThat(agent.expect(StopLease.class)).isEqualTo(new StopLease(one, SAID));
            assertThat(other.expect(StopLease.class)).isEqualTo(new StopLease(two, SAID));
            trial.advance(50);
            agent.tell(new AgentMessage.Ended(one, EndReason.BUYER, "", FakeAgent.usage(50_000)));
            other.tell(new AgentMessage.Ended(two, EndReason.BUYER, "", FakeAgent.usage(0)));
            Order over = buyer.await(order.id(), now -> now.state() == OrderState.CLOSED);
            assertThat(over.charged()).isEqualTo(Credits.parse("0.36").perHourFor(50));
            assertThat(over.leases()).extracting(Lease::ended).containsOnly("OPERATOR");
            assertThat(operator.run("order", "cancel", order.id().value(), "--reason", WHY))
                    .isEqualTo("1 error: " + order.id() + " is closed already\n");
            assertThat(operator.run("order", "ls")).isEqualTo("0 no order is open\n");
            assertThat(operator.run("order", "ls", "--of", "buyer@grid.example"))
                    .contains(order.id().value())
                    .contains("CLOSED");
            assertThat(trial.audit()).contains("order-cancelled " + order.id() + " " + WHY);
        }
    }

    @Test
    void givesTheMoneyOfAnOrderThatWaitsBack() throws Exception {
        Wallet before = buyer.get("/v1/wallet").as(Wallet.class, 200);
        Order order =
                buyer.once(
                                "/v1/orders",
                                new OrderRequest(waiting(5), Credits.parse("100"), false),
                                Trial.key())
                        .as(Order.class, 201);
        assertThat(order.state()).isEqualTo(OrderState.OPEN);
        assertThat(operator.run("order", "cancel", order.id().value(), "--reason", WHY, "--json"))
                .contains("\"schema\" : \"sparegrid.ending/1\"")
                .contains("\"done\" : true")
                .contains("\"state\" : \"CLOSED\"");
        assertThat(buyer.get("/v1/orders/" + order.id()).as(Order.class, 200).reason())
                .isEqualTo("ended by the operator: " + WHY);
        assertThat(operator.run("order", "show", order.id().value()))
                .contains("CLOSED: ended by the operator: " + WHY);
        assertThat(buyer.get("/v1/wallet").as(Wallet.class, 200)).isEqualTo(before);
    }

    /// Nothing is lost if no coordinator serves: it is done when one does.
    @Test
    void endsWhatWasAskedForWhileNoneServed() throws Exception {
        Order order = buyer.order(Trial.spec(image, "alpha", 1, HOUR));
        LeaseId lease = agent.run();
        trial.stop();
        assertThat(operator.run("lease", "terminate", lease.value(), "--reason", WHY))
                .startsWith("0 " + lease + " is ended as soon as a coordinator serves;");
        assertThat(operator.run("lease", "show", lease.value()))
                .contains("the operator wants it ended; that is done while a coordinator serves");
        trial.open();
        buyer.await(order.id(), now -> now.state() == OrderState.STOPPING);
        assertThat(operator.run("lease", "show", lease.value())).doesNotContain("wants it ended");
    }

    @Test
    void listsAsJsonWithoutTheBuyersKeys() throws Exception {
        Order order =
                buyer.order(
                        new OrderSpec(
                                "alpha",
                                image,
                                1,
                                new MachineSize(1, 256, 0),
                                Credits.parse("10"),
                                HOUR,
                                true,
                                java.util.List.of("ssh-ed25519 AAAAC3NzaSECRET buyer"),
                                Placement.ANY,
                                org.sparegrid.protocol.market.Query.ANY,
                                org.sparegrid.protocol.market.Checkpoints.NONE,
                                org.sparegrid.protocol.market.VolumeUse.NONE,
                                0));
        LeaseId lease = agent.run();
        for (String[] words :
                new String[][] {
                    {"order", "ls", "--json"},
                    {"order", "show", order.id().value(), "--json"},
                    {"lease", "ls", "--json"},
                    {"lease", "show", lease.value(), "--json"}
                }) {
            assertThat(operator.run(words))
                    .startsWith("0 {")
                    .contains("\"schema\" : \"sparegrid." + words[0])
                    .contains(order.id().value())
                    .contains(lease.value())
                    .doesNotContain("SECRET");
        }
    }

    @Test
    void saysWhatIsWrongWithTheCommand() throws Exception {
        assertThat(operator.run("lease", "terminate", "vm-aaaaaaaaaaaa"))
                .startsWith("2 ")
                .contains("--reason");
        assertThat(operator.run("lease", "terminate", "vm-aaaaaaaaaaaa", "--reason", " "))
                .startsWith("2 error: --reason: expected one line of 1 to 400 characters");
        assertThat(operator.run("lease", "terminate", "vm-aaaaaaaaaaaa", "--reason", "a\nb"))
                .startsWith("2 error: --reason: expected one line");
        assertThat(operator.run("lease", "terminate", "vm-aaaaaaaaaaaa", "--reason", "x"))
                .isEqualTo("1 error: there is no machine vm-aaaaaaaaaaaa\n");
        assertThat(operator.run("order", "cancel", "ord-aaaaaaaaaaaa", "--reason", "x"))
                .isEqualTo("1 error: there is no order ord-aaaaaaaaaaaa\n");
        assertThat(operator.run("order", "show", "alpha"))
                .startsWith("2 error: ORDER: identifier: expected ord-");
        assertThat(operator.run("lease", "show", "vm-aaaaaaaaaaaa"))
                .isEqualTo("1 error: there is no machine vm-aaaaaaaaaaaa; see lease ls\n");
    }

    /// A seller's computer can't excuse its failure with the operator's word.
    @Test
    void doesNotTakeTheOperatorsWordFromASeller() throws Exception {
        Order order = buyer.order(Trial.spec(image, "alpha", 1, HOUR));
        LeaseId lease = agent.run();
        agent.tell(
                new AgentMessage.Ended(
                        lease, EndReason.OPERATOR, "so he said", FakeAgent.usage(1_000)));
        Order over = buyer.await(order.id(), now -> now.state() == OrderState.CLOSED);
        assertThat(over.leases().getFirst().ended()).isEqualTo("FAILED");
    }

    private OrderSpec waiting(int machines) {
        OrderSpec spec = Trial.spec(image, "beta", machines, HOUR);
        return new OrderSpec(
                spec.name(),
                spec.image(),
                machines,
                spec.size(),
                Credits.parse("1"),
                HOUR,
                true,
                spec.authorizedKeys(),
                new Placement(0, 0, 0, false, false, false, 0, 600, 0),
                spec.where(),
                spec.checkpoints(),
                spec.volume(),
                0);
    }
}
