// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.api.ExplanationRequest;
import org.sparegrid.protocol.api.Wallet;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorMessage.StopLease;
import org.sparegrid.protocol.market.Booking;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.Explanation;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.OrderState;
import org.sparegrid.protocol.market.Placement;

/// Interruptible orders and reservations over HTTPS and an agent's session.
class PromiseApiTest {
    private static final long HOUR = 3600;
    private static final Credits PRICE = Credits.parse("0.36");
    private static final Placement FIRM = new Placement(0, 0, 0, false, false, false, 0, 600, 0);

    @TempDir private Path folder;
    private Trial trial;
    private Trial.Person seller;
    private Trial.Person buyer;
    private ImageId image;
    private FakeAgent agent;

    @BeforeEach
    void open() throws Exception {
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
    void displacesAnInterruptibleMachineForAFirmOrder() throws Exception {
        Placement spare = new Placement(0, 0, 0, false, true, false, 0, 0, 0);
        Order interruptible = buyer.order(spec("spare", spare));
        LeaseId lease = agent.run();
        ExplanationRequest asked =
                new ExplanationRequest(1, spec("x", FIRM).where(), FIRM, HOUR, 0);
        assertThat(buyer.post("/v1/explanations", asked).as(Explanation.class, 200).displaceable())
                .isOne();
        Order firm = buyer.order(spec("firm", FIRM));
        assertThat(firm.state()).isEqualTo(OrderState.OPEN);
        Order told =
                buyer.await(interruptible.id(), now -> !now.leases().getFirst().endsAt().isEmpty());
        Instant end = Instant.parse(told.leases().getFirst().endsAt());
        assertThat(told.leases().getFirst().events().getLast().detail())
                .isEqualTo("ends at " + end + ", displaced by a firm order");
        trial.advance(120);
        agent.meter(lease, 120_000);
        assertThat(agent.expect(StopLease.class).lease()).isEqualTo(lease);
        agent.tell(new AgentMessage.Ended(lease, EndReason.SELLER, "", FakeAgent.usage(120_000)));
        Order over = buyer.await(interruptible.id(), now -> now.state() == OrderState.CLOSED);
        assertThat(over.leases()).extracting(Lease::ended).containsExactly("PREEMPTED");
        assertThat(over.charged()).isEqualTo(PRICE.perHourFor(120));
        LeaseId next = agent.run();
        Order runs = buyer.await(firm.id(), now -> now.state() == OrderState.RUNNING);
        assertThat(runs.leases()).extracting(Lease::id).containsExactly(next);
        agent.tell(new AgentMessage.Ended(next, EndReason.SELLER, "", FakeAgent.usage(0)));
        assertThat(seller.get("/v1/wallet").as(Wallet.class, 200).earnings())
                .isEqualTo(PRICE.perHourFor(120));
    }

    @Test
    void bindsAMachineAndPaysForGoingBackOnIt() throws Exception {
        Placement reserved = new Placement(0, 0, 0, false, false, true, HOUR, 600, 0);
        Order order = buyer.order(spec("later", reserved));
        assertThat(order.bookings())
                .extracting(Booking::state)
                .containsExactly(Booking.State.BOUND);
        assertThat(buyer.order(order.id())).isEqualTo(order);
        Order stopped = buyer.post("/v1/orders/" + order.id() + "/stop").as(Order.class, 200);
        assertThat(stopped.state()).isEqualTo(OrderState.CLOSED);
        assertThat(stopped.bookings())
                .extracting(Booking::state, Booking::charged)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(
                                Booking.State.CANCELLED, PRICE.perHourFor(600)));
        assertThat(stopped.charged()).isEqualTo(PRICE.perHourFor(600));
        assertThat(seller.get("/v1/wallet").as(Wallet.class, 200).earnings())
                .isEqualTo(PRICE.perHourFor(600));
    }

    private OrderSpec spec(String name, Placement placement) {
        OrderSpec spec = Trial.spec(image, name, 1, HOUR);
        return new OrderSpec(
                spec.name(),
                spec.image(),
                1,
                spec.size(),
                Credits.parse("1"),
                HOUR,
                true,
                spec.authorizedKeys(),
                placement,
                spec.where(),
                spec.checkpoints(),
                spec.volume(),
                0);
    }
}
