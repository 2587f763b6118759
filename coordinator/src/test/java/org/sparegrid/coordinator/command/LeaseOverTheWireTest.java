// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.api.ConsoleKeys;
import org.sparegrid.protocol.api.ConsolePart;
import org.sparegrid.protocol.api.OrderRequest;
import org.sparegrid.protocol.api.Wallet;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.Blob;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.control.CoordinatorMessage.ConsoleInput;
import org.sparegrid.protocol.control.CoordinatorMessage.LeaseOffered;
import org.sparegrid.protocol.control.CoordinatorMessage.StopLease;
import org.sparegrid.protocol.control.MachineReport;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.LeaseEvent;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.protocol.market.LeaseState;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderState;
import org.sparegrid.protocol.market.Usage;

/// Leases between the whole coordinator and agents of this test, over real TLS connections.
class LeaseOverTheWireTest {
    private static final long HOUR = 3600;

    @TempDir Path folder;

    private Trial trial;
    private Trial.Person seller;
    private Trial.Person buyer;
    private ImageId image;
    private final List<FakeAgent> agents = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        trial = new Trial(folder);
        seller = trial.person("seller");
        buyer = trial.person("buyer");
        buyer.pay("100");
        image = buyer.image("image").id();
    }

    @AfterEach
    void stop() throws Exception {
        agents.forEach(FakeAgent::close);
        trial.close();
        assertThat(trial.faults()).isEmpty();
    }

    private FakeAgent agent(String price) throws Exception {
        FakeAgent agent = FakeAgent.join(trial, seller, price, polls());
        agents.add(agent);
        return agent;
    }

    /// Whether agents poll.
    boolean polls() {
        return false;
    }

    private Order order(String name, long secondsMax) throws Exception {
        return buyer.order(Trial.spec(image, name, 1, secondsMax));
    }

    private Lease lease(LeaseId id) throws Exception {
        return buyer.get("/v1/leases/" + id).as(Lease.class, 200);
    }

    private Order closed(OrderId id) throws Exception {
        Order order = buyer.await(id, now -> now.state() == OrderState.CLOSED);
        assertThat(order.escrow()).isEqualTo(Credits.ZERO);
        return order;
    }

    private Credits earned() throws Exception {
        return seller.get("/v1/wallet").as(Wallet.class, 200).earnings();
    }

    private Wallet wallet() throws Exception {
        return buyer.get("/v1/wallet").as(Wallet.class, 200);
    }

    @Test
    void runsBillsAndSettlesToTheBillionth() throws Exception {
        FakeAgent agent = agent("0.333333333");
        Credits before = wallet().balance();
        Order order = order("alpha", HOUR);
        assertThat(order.state()).isEqualTo(OrderState.STARTING);
        assertThat(order.escrow()).isEqualTo(Credits.parse("0.333333333"));

        LeaseId lease = agent.run();
        assertThat(lease(lease).state()).isEqualTo(LeaseState.RUNNING);
        // Many uneven settlements must come to the same as a single one.
        for (int seconds : new int[] {7, 18, 101, 999}) {
            trial.advance(seconds - lease(lease).usage().runMillis() / 1000);
            agent.meter(lease, seconds * 1000L + 13);
            Credits due = Credits.parse("0.333333333").perHourFor(seconds);
            assertThat(lease(lease).charged()).isEqualTo(due);
            assertThat(earned()).isEqualTo(due);
        }
        buyer.post("/v1/orders/" + order.id() + "/stop").as(Order.class, 200);
        assertThat(agent.expect(StopLease.class).lease()).isEqualTo(lease);
        trial.advance(5);
        agent.tell(
                new AgentMessage.Ended(
                        lease, EndReason.BUYER, "stopped", FakeAgent.usage(1_003_400)));

        Credits charge = Credits.parse("0.333333333").perHourFor(1003);
        Order over = closed(order.id());
        assertThat(over.charged()).isEqualTo(charge);
        assertThat(earned()).isEqualTo(charge);
        assertThat(wallet())
                .isEqualTo(new Wallet(before.minus(charge), Credits.ZERO, Credits.ZERO));
        assertThat(over.leases().getFirst().events())
                .extracting(LeaseEvent::state)
                .containsExactly(
                        LeaseState.RESERVED,
                        LeaseState.OFFERED,
                        LeaseState.ACCEPTED,
                        LeaseState.STARTING,
                        LeaseState.RUNNING,
                        LeaseState.STOPPING,
                        LeaseState.ENDED,
                        LeaseState.SETTLED);
    }

    @Test
    void takesAnotherSellerAfterAFailedStartThatCostsNothing() throws Exception {
        FakeAgent cheap = agent("0.1");
        FakeAgent dear = agent("0.5");
        Order order = order("beta", HOUR);
        LeaseId failed = cheap.accept().lease();
        cheap.progress(failed, LeaseProgress.Phase.FETCHING);
        cheap.tell(
                new AgentMessage.Ended(failed, EndReason.START_FAILED, "no such luck", Usage.NONE));

        LeaseId second = dear.run();
        assertThat(second).isNotEqualTo(failed);
        assertThat(lease(failed).charged()).isEqualTo(Credits.ZERO);
        assertThat(lease(failed).ended()).isEqualTo("START_FAILED");
        Order now = buyer.order(order.id());
        assertThat(now.state()).isEqualTo(OrderState.RUNNING);
        assertThat(now.escrow()).isEqualTo(Credits.parse("0.5"));
        assertThat(now.leases()).extracting(Lease::id).containsExactly(second);

        dear.tell(new AgentMessage.Ended(second, EndReason.POWERED_OFF, "off", FakeAgent.usage(0)));
        assertThat(closed(order.id()).charged()).isEqualTo(Credits.ZERO);
        assertThat(wallet().balance()).isEqualTo(Credits.parse("90"));
    }

    @Test
    void takesAnotherSellerAfterARejectedOffer() throws Exception {
        FakeAgent cheap = agent("0.1");
        FakeAgent dear = agent("0.5");
        Order order = order("gamma", HOUR);
        LeaseId rejected = cheap.expect(LeaseOffered.class).lease();
        cheap.tell(new AgentMessage.LeaseRejected(rejected, "busy\n\u0007with my own work"));
        dear.run();
        assertThat(lease(rejected).ended()).isEqualTo("REJECTED");
        assertThat(lease(rejected).events())
                .anyMatch(event -> event.detail().equals("busy with my own work"));
        assertThat(buyer.order(order.id()).state()).isEqualTo(OrderState.RUNNING);
    }

    @Test
    void closesTheOrderWhenNobodyIsLeftToAsk() throws Exception {
        FakeAgent only = agent("0.1");
        Order order = order("delta", HOUR);
        only.tell(new AgentMessage.LeaseRejected(only.expect(LeaseOffered.class).lease(), "no"));
        assertThat(closed(order.id()).charged()).isEqualTo(Credits.ZERO);
        assertThat(wallet().balance()).isEqualTo(Credits.parse("90"));
    }

    @Test
    void givesUpAnAgentThatDoesNotAnswerAnOffer() throws Exception {
        FakeAgent cheap = agent("0.1");
        FakeAgent dear = agent("0.5");
        order("epsilon", HOUR);
        LeaseId unanswered = cheap.expect(LeaseOffered.class).lease();
        trial.advance(21);
        assertThat(cheap.expect(StopLease.class).lease()).isEqualTo(unanswered);
        dear.run();
        assertThat(lease(unanswered).ended()).isEqualTo("REJECTED");

        // An answer that comes too late changes nothing, and the agent is told so.
        cheap.tell(
                new AgentMessage.LeaseAccepted(
                        unanswered, FakeAgent.machineKey(unanswered), List.of()));
        assertThat(cheap.expect(StopLease.class).lease()).isEqualTo(unanswered);
        assertThat(lease(unanswered).state()).isEqualTo(LeaseState.SETTLED);
    }

    @Test
    void sellsOneSlotOnceToManyRacingOrders() throws Exception {
        FakeAgent agent = agent("0.1");
        List<Future<Trial.Reply>> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 16; i++) {
                OrderRequest request =
                        new OrderRequest(
                                Trial.spec(image, "race" + i, 1, HOUR),
                                Credits.parse("100"),
                                false);
                answers.add(threads.submit(() -> buyer.once("/v1/orders", request, Trial.key())));
            }
        }
        int won = 0;
        for (Future<Trial.Reply> answer : answers) {
            if (answer.get().status() == 201) {
                won++;
            } else {
                assertThat(answer.get().problem("no-match", 409).errors()).isNotNull();
            }
        }
        assertThat(won).isEqualTo(1);
        agent.run();
        assertThat(agent.left(LeaseOffered.class)).isEmpty();
        assertThat(wallet().escrow()).isEqualTo(Credits.parse("0.1"));
    }

    @Test
    void losesAndRepeatsNothingWhenTheConnectionIsCut() throws Exception {
        FakeAgent agent = agent("0.1");
        order("zeta", HOUR);
        LeaseId lease = agent.run();
        String path = "/v1/leases/" + lease + "/console";
        StringBuilder written = new StringBuilder();
        StringBuilder typed = new StringBuilder();
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < 40; i++) {
                String line = "line " + round + "." + i + "\n";
                agent.send(new AgentMessage.ConsoleOutput(lease, written.length(), blob(line)));
                written.append(line);
            }
            agent.deafen();
            for (int i = 0; i < 5; i++) {
                String keys = "keys " + round + "." + i + "\n";
                // The agent counts as connected a moment after it was welcomed.
                Trial.await(
                        () -> buyer.post(path, new ConsoleKeys(blob(keys))).status(),
                        status -> status == 204);
                typed.append(keys);
            }
            agent.cut();
            assertThat(agent.connect())
                    .isInstanceOfSatisfying(
                            CoordinatorFrame.Welcome.class,
                            welcome -> assertThat(welcome.resumed()).isTrue());
        }
        Trial.await(
                () -> buyer.get(path).as(ConsolePart.class, 200),
                part -> part.bytes().length() == written.length());
        assertThat(text(buyer.get(path).as(ConsolePart.class, 200).bytes()))
                .isEqualTo(written.toString());
        StringBuilder heard = new StringBuilder();
        for (int i = 0; i < 25; i++) {
            heard.append(text(agent.expect(ConsoleInput.class).bytes()));
        }
        assertThat(heard.toString()).isEqualTo(typed.toString());
        assertThat(agent.left(ConsoleInput.class)).isEmpty();
        assertThat(lease(lease).state()).isEqualTo(LeaseState.RUNNING);
    }

    @Test
    void goesOnAfterTheCoordinatorWasStoppedAndStarted() throws Exception {
        FakeAgent agent = agent("3.6");
        Order order = order("eta", HOUR);
        LeaseId lease = agent.run();
        trial.advance(100);
        agent.meter(lease, 100_000);
        trial.stop();
        trial.advance(200);
        trial.open();
        assertThat(lease(lease).state()).isEqualTo(LeaseState.RUNNING);

        CoordinatorFrame answer = agent.reconnect(report(lease, 300_000));
        assertThat(answer)
                .isInstanceOfSatisfying(
                        CoordinatorFrame.Welcome.class,
                        welcome -> assertThat(welcome.resumed()).isFalse());
        assertThat(lease(lease).state()).isEqualTo(LeaseState.RUNNING);
        assertThat(lease(lease).billedSeconds()).isEqualTo(300);
        trial.advance(10);
        agent.meter(lease, 310_000);
        assertThat(lease(lease).charged()).isEqualTo(Credits.parse("0.31"));

        buyer.post("/v1/leases/" + lease + "/stop").as(Lease.class, 200);
        agent.expect(StopLease.class);
        agent.tell(new AgentMessage.Ended(lease, EndReason.SELLER, "", FakeAgent.usage(310_500)));
        assertThat(closed(order.id()).charged()).isEqualTo(Credits.parse("0.31"));
        assertThat(lease(lease).ended()).isEqualTo("BUYER");
    }

    @Test
    void endsWhatAnAgentNoLongerHasAndStopsWhatItShouldNotHave() throws Exception {
        FakeAgent agent = agent("3.6");
        Order order = order("theta", HOUR);
        LeaseId lease = agent.run();
        trial.advance(10);
        agent.meter(lease, 10_000);
        trial.stop();
        trial.open();
        LeaseId stranger = new LeaseId("vm-aaaaaaaaaaaa");
        agent.reconnect(report(stranger, 5));
        assertThat(agent.expect(StopLease.class).lease()).isEqualTo(stranger);
        assertThat(closed(order.id()).charged()).isEqualTo(Credits.parse("0.01"));
        assertThat(lease(lease).ended()).isEqualTo("FAILED");
    }

    @Test
    void capsAReadingAheadOfTheClockAndRefusesOneThatFalls() throws Exception {
        FakeAgent agent = agent("3.6");
        order("iota", HOUR);
        LeaseId lease = agent.run();
        long start = System.nanoTime();
        agent.meter(lease, 3_000_000);
        long most = (System.nanoTime() - start) / 1_000_000_000 + 3;
        assertThat(lease(lease).usage().runMillis()).isEqualTo(3_000_000);
        assertThat(lease(lease).billedSeconds()).isBetween(1L, most);

        agent.meter(lease, 2_999_999);
        assertThat(lease(lease).usage().runMillis()).isEqualTo(3_000_000);
    }

    @Test
    void ignoresReadingsOfMachinesThatAreNotOnTheNetworkOrNotTheSellers() throws Exception {
        FakeAgent agent = agent("3.6");
        FakeAgent other = agent("5");
        order("kappa", HOUR);
        LeaseId lease = agent.accept().lease();
        agent.meter(lease, 1000);
        assertThat(lease(lease).usage()).isEqualTo(Usage.NONE);
        other.tell(
                new AgentMessage.Progress(
                        lease, new LeaseProgress(LeaseProgress.Phase.ON_NETWORK, 1, 1)));
        other.tell(new AgentMessage.Ended(lease, EndReason.FAILED, "", Usage.NONE));
        assertThat(other.expect(StopLease.class).lease()).isEqualTo(lease);
        assertThat(lease(lease).state()).isEqualTo(LeaseState.ACCEPTED);
    }

    @Test
    void endsAnOrderWhoseTimeIsUsedUp() throws Exception {
        FakeAgent agent = agent("3.6");
        Order order = order("lambda", 60);
        LeaseId lease = agent.run();
        trial.advance(75);
        agent.meter(lease, 75_000);
        assertThat(agent.expect(StopLease.class).why()).contains("time is used up");
        assertThat(lease(lease).state()).isEqualTo(LeaseState.STOPPING);
        agent.tell(new AgentMessage.Ended(lease, EndReason.BUYER, "", FakeAgent.usage(76_000)));
        assertThat(closed(order.id()).charged()).isEqualTo(Credits.parse("0.06"));
        assertThat(earned()).isEqualTo(Credits.parse("0.06"));
        assertThat(lease(lease).ended()).isEqualTo("EXPIRED");
    }

    @Test
    void paysForTheTimeUntilAnAgentWasLost() throws Exception {
        FakeAgent agent = agent("3.6");
        Order order = order("mu", 2 * HOUR);
        LeaseId lease = agent.run();
        trial.advance(30);
        agent.meter(lease, 30_000);
        agent.cut();
        Trial.await(() -> trial.figure("sparegrid_agents"), agents -> agents.endsWith(" 0.0"));
        trial.advance(HOUR + 1);
        assertThat(closed(order.id()).charged()).isEqualTo(Credits.parse("0.03"));
        assertThat(lease(lease).ended()).isEqualTo("LOST");

        // The machine that still runs there is stopped when the agent comes back.
        agent.reconnect(report(lease, 3_600_000));
        assertThat(agent.expect(StopLease.class).lease()).isEqualTo(lease);
        assertThat(earned()).isEqualTo(Credits.parse("0.03"));
    }

    @Test
    void keepsASecondCoordinatorOffItsFolder() throws Exception {
        assertThatThrownBy(trial::open)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("already; stop it first");
        assertThat(buyer.get("/v1/orders").status()).isEqualTo(200);
    }

    private static MachineReport report(LeaseId lease, long runMillis) {
        return new MachineReport(
                lease,
                new LeaseProgress(LeaseProgress.Phase.ON_NETWORK, 1, 1),
                FakeAgent.machineKey(lease),
                List.of("127.0.0.1:4000"),
                FakeAgent.usage(runMillis));
    }

    private static Blob blob(String text) {
        return new Blob(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(Blob bytes) {
        return new String(bytes.toBytes(), StandardCharsets.UTF_8);
    }
}
