// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.ServerWebSocket;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.sparegrid.agent.config.SessionChoice;
import org.sparegrid.agent.identity.TestAuthority;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.AgentPoll;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.control.CoordinatorMessage;

/// The link by polls against an HTTPS server on the loopback that opens no WebSocket.
class AgentPollingTest {
    private static final LeaseId LEASE = new LeaseId("vm-aaaaaaaaaaaa");
    private static final CoordinatorMessage STOP = new CoordinatorMessage.StopLease(LEASE, "test");
    private static final long LINE = 7;

    private final TestAuthority authority = new TestAuthority();
    private final TestLine coordinator = new TestLine(authority);
    private final BlockingQueue<CoordinatorMessage> handled = new LinkedBlockingQueue<>();
    private AgentLink link;

    AgentPollingTest() throws Exception {}

    private void start(SessionChoice setting, Duration retryFirst) throws Exception {
        link =
                new AgentLink(
                        authority.agent(coordinator.uri()),
                        new CarrierChoice(setting, new SecureRandom(), retryFirst));
        link.start(
                new SessionListener() {
                    @Override
                    public AgentMessage.Inventory inventory() {
                        return Inventories.EMPTY;
                    }

                    @Override
                    public void begun() {}

                    @Override
                    public void handle(CoordinatorMessage message) throws IOException {
                        handled.add(message);
                    }
                });
    }

    @AfterEach
    void stop() throws Exception {
        link.close();
        coordinator.close();
    }

    private static CoordinatorFrame welcome(String session, boolean resumed, long got) {
        return new CoordinatorFrame.Welcome(session, resumed, got, 30);
    }

    /// Lets the agent open a line, and takes its inventory.
    ///
    /// @return the poll that is held
    private TestLine.Poll open() throws Exception {
        TestLine.Poll first = coordinator.poll();
        assertThat(first.body().head().line()).isZero();
        assertThat(first.body().frames()).isEmpty();
        first.answer(LINE);
        TestLine.Poll second = coordinator.poll();
        assertThat(second.body().frames()).containsExactly(new AgentFrame.Hello(1, "", 0));
        second.answer(LINE, welcome("s1", false, 0));
        TestLine.Poll one = coordinator.poll();
        TestLine.Poll other = coordinator.poll();
        boolean speaks = one.body().head().holdMillis() == 0;
        (speaks ? one : other).answer(LINE, new CoordinatorFrame.Acknowledge(1));
        assertThat((speaks ? one : other).body().frames())
                .containsExactly(
                        new AgentFrame.Acknowledge(0),
                        new AgentFrame.Message(1, 0, Inventories.EMPTY));
        return speaks ? other : one;
    }

    @Test
    void pollsAfterThreeRefusedUpgradesAndSaysWhy() throws Exception {
        coordinator.refuseUpgrades(403);
        start(SessionChoice.AUTO, Duration.ofHours(1));
        open();
        assertThat(link.isConnected()).isTrue();
        assertThat(link.state()).isEqualTo("connected by polling: no WebSocket: HTTP status 403");
        assertThat(link.whyPolling()).contains("no WebSocket: HTTP status 403");
    }

    @Test
    void pollsIfWebSocketsAreCutAtOnce() throws Exception {
        start(SessionChoice.AUTO, Duration.ofHours(1));
        for (int i = 0; i < CarrierChoice.FAILURES_MAX; i++) {
            ServerWebSocket line = coordinator.line();
            coordinator.frame();
            coordinator.cut(line);
        }
        open();
        assertThat(link.state()).startsWith("connected by polling: closed: ");
    }

    @Test
    void saysAndHearsEverythingOnceOverPolls() throws Exception {
        start(SessionChoice.POLLING, Duration.ofHours(1));
        TestLine.Poll held = open();
        assertThat(held.body().head()).isEqualTo(new AgentPoll(LINE, 0, 0, 1_000, false));
        link.send(new AgentMessage.LeaseRejected(LEASE, "one"));
        TestLine.Poll spoken = coordinator.poll();
        assertThat(spoken.body().frames())
                .containsExactly(
                        new AgentFrame.Acknowledge(0),
                        new AgentFrame.Message(2, 0, new AgentMessage.LeaseRejected(LEASE, "one")));
        spoken.answer(
                LINE,
                new CoordinatorFrame.Acknowledge(2),
                new CoordinatorFrame.Message(1, 2, STOP));
        assertThat(handled.poll(20, TimeUnit.SECONDS)).isEqualTo(STOP);
        held.answer(
                LINE,
                new CoordinatorFrame.Acknowledge(2),
                new CoordinatorFrame.Message(1, 2, STOP));
        TestLine.Poll next = coordinator.poll();
        assertThat(next.body().head()).isEqualTo(new AgentPoll(LINE, 1, 9, 1_000, false));
        assertThat(next.body().frames()).containsExactly(new AgentFrame.Acknowledge(1));
        assertThat(handled).isEmpty();
    }

    @Test
    void resumesOnAnotherLineWhenOneIsOver() throws Exception {
        start(SessionChoice.POLLING, Duration.ofHours(1));
        TestLine.Poll held = open();
        var _ = held.response().setStatusCode(409).end();
        coordinator.poll().answer(8);
        TestLine.Poll hello = coordinator.poll();
        assertThat(hello.body().frames()).containsExactly(new AgentFrame.Hello(1, "s1", 0));
        hello.answer(8, welcome("s1", true, 1));
        assertThat(coordinator.poll().body().head().line()).isEqualTo(8);
    }

    @Test
    void goesBackToAWebSocketWhenOneCanBeHadAgain() throws Exception {
        coordinator.refuseUpgrades(403);
        start(SessionChoice.AUTO, Duration.ofMillis(200));
        open();
        coordinator.refuseUpgrades(0);
        ServerWebSocket line = coordinator.line();
        assertThat(coordinator.frame()).isEqualTo(new AgentFrame.Hello(1, "s1", 0));
        TestLine.say(line, welcome("s1", true, 1));
        TestLine.say(line, new CoordinatorFrame.Message(1, 1, STOP));
        assertThat(handled.poll(20, TimeUnit.SECONDS)).isEqualTo(STOP);
        assertThat(coordinator.frame()).isEqualTo(new AgentFrame.Acknowledge(1));
        assertThat(link.state()).isEqualTo("connected");
        assertThat(link.whyPolling()).isEmpty();
    }

    @Test
    void neverPollsIfTheOwnerSaysSo() throws Exception {
        coordinator.refuseUpgrades(403);
        start(SessionChoice.WEBSOCKET, Duration.ofMillis(1));
        coordinator.awaitUpgrades(CarrierChoice.FAILURES_MAX + 1);
        assertThat(coordinator.polled()).isZero();
        assertThat(link.whyPolling()).isEmpty();
    }

    @Test
    void saysGoodbye() throws Exception {
        start(SessionChoice.POLLING, Duration.ofHours(1));
        open();
        Thread closing = Thread.ofVirtual().start(link::close);
        TestLine.Poll last = coordinator.poll();
        assertThat(last.body().head().leaving()).isTrue();
        last.answer(LINE, new CoordinatorFrame.Acknowledge(1));
        assertThat(closing.join(Duration.ofSeconds(20))).isTrue();
    }

    @Test
    void readsNoAnswerThatIsNone() throws Exception {
        start(SessionChoice.POLLING, Duration.ofHours(1));
        TestLine.Poll held = open();
        var _ = held.response().end("<html>please log in</html>");
        coordinator.poll().answer(8);
        assertThat(coordinator.poll().body().frames())
                .isEqualTo(List.of(new AgentFrame.Hello(1, "s1", 0)));
    }
}
