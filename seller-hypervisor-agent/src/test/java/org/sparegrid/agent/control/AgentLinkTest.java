// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.ServerWebSocket;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sparegrid.agent.identity.TestAuthority;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.control.CoordinatorMessage;

/// The link against a WebSocket server over mutual TLS on the loopback.
class AgentLinkTest {
    private static final LeaseId LEASE = new LeaseId("vm-aaaaaaaaaaaa");
    private static final CoordinatorMessage STOP = new CoordinatorMessage.StopLease(LEASE, "test");

    private final TestAuthority authority = new TestAuthority();
    private final TestLine coordinator = new TestLine(authority);
    private final AgentLink link = new AgentLink(authority.agent(coordinator.uri()));
    private final BlockingQueue<CoordinatorMessage> handled = new LinkedBlockingQueue<>();
    private final CountDownLatch mayList = new CountDownLatch(1);
    private final Set<CoordinatorMessage> failing = ConcurrentHashMap.newKeySet();
    private final CountDownLatch lists = new CountDownLatch(1);

    AgentLinkTest() throws Exception {}

    @BeforeEach
    void start() {
        link.start(
                new SessionListener() {
                    @Override
                    public AgentMessage.Inventory inventory() {
                        lists.countDown();
                        try {
                            assertThat(mayList.await(20, TimeUnit.SECONDS)).isTrue();
                        } catch (InterruptedException stop) {
                            Thread.currentThread().interrupt();
                        }
                        return Inventories.EMPTY;
                    }

                    @Override
                    public void begun() {}

                    @Override
                    public void handle(CoordinatorMessage message) throws IOException {
                        if (failing.remove(message)) {
                            mayFail();
                        }
                        handled.add(message);
                    }
                });
    }

    @AfterEach
    void stop() throws Exception {
        mayList.countDown();
        link.close();
        coordinator.close();
    }

    /// Fails once the next message is here as well.
    private static void mayFail() throws IOException {
        try {
            TimeUnit.MILLISECONDS.sleep(300);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
        throw new IOException("the disk is full");
    }

    private static AgentMessage rejected(String why) {
        return new AgentMessage.LeaseRejected(LEASE, why);
    }

    private static CoordinatorFrame.Welcome welcome(String session, boolean resumed, long got) {
        return new CoordinatorFrame.Welcome(session, resumed, got, 30);
    }

    @Test
    void saysTheInventoryFirstAndThenWhatWasSentMeanwhile() throws Exception {
        ServerWebSocket line = coordinator.line();
        assertThat(coordinator.frame()).isEqualTo(new AgentFrame.Hello(1, "", 0));
        TestLine.say(line, welcome("s1", false, 0));
        assertThat(lists.await(20, TimeUnit.SECONDS)).isTrue();
        link.send(rejected("meanwhile"));
        mayList.countDown();
        assertThat(coordinator.frame()).isEqualTo(new AgentFrame.Message(1, 0, Inventories.EMPTY));
        assertThat(coordinator.frame())
                .isEqualTo(new AgentFrame.Message(2, 0, rejected("meanwhile")));
    }

    @Test
    void beginsAnewWhenItWasCutBeforeTheInventory() throws Exception {
        ServerWebSocket line = coordinator.line();
        coordinator.frame();
        TestLine.say(line, welcome("s1", false, 0));
        assertThat(lists.await(20, TimeUnit.SECONDS)).isTrue();
        line.close();
        ServerWebSocket second = coordinator.line();
        mayList.countDown();
        assertThat(coordinator.frame()).isEqualTo(new AgentFrame.Hello(1, "", 0));
        TestLine.say(second, welcome("s2", false, 0));
        assertThat(coordinator.frame()).isEqualTo(new AgentFrame.Message(1, 0, Inventories.EMPTY));
    }

    @Test
    void resumesAndActsOnEachMessageOnce() throws Exception {
        mayList.countDown();
        ServerWebSocket line = coordinator.line();
        coordinator.frame();
        TestLine.say(line, welcome("s1", false, 0));
        coordinator.frame();
        TestLine.say(line, new CoordinatorFrame.Message(1, 1, STOP));
        assertThat(coordinator.frame()).isEqualTo(new AgentFrame.Acknowledge(1));
        link.send(rejected("lost"));
        assertThat(coordinator.frame()).isEqualTo(new AgentFrame.Message(2, 1, rejected("lost")));
        line.close();
        ServerWebSocket second = coordinator.line();
        assertThat(coordinator.frame()).isEqualTo(new AgentFrame.Hello(1, "s1", 1));
        TestLine.say(second, welcome("s1", true, 1));
        assertThat(coordinator.frame()).isEqualTo(new AgentFrame.Message(2, 1, rejected("lost")));
        TestLine.say(second, new CoordinatorFrame.Message(1, 2, STOP));
        TestLine.say(second, new CoordinatorFrame.Message(2, 2, STOP));
        assertThat(List.of(coordinator.frame(), coordinator.frame()))
                .containsExactlyInAnyOrder(
                        new AgentFrame.Acknowledge(1), new AgentFrame.Acknowledge(2));
        assertThat(handled).containsExactly(STOP, STOP);
    }

    /// What waits behind a message that fails must not be handled before it.
    @Test
    void handlesAgainWhatFailedAndOnlyThenWhatCameAfterIt() throws Exception {
        mayList.countDown();
        ServerWebSocket line = coordinator.line();
        coordinator.frame();
        TestLine.say(line, welcome("s1", false, 0));
        coordinator.frame();
        CoordinatorMessage next = new CoordinatorMessage.StopLease(LEASE, "next");
        failing.add(STOP);
        TestLine.say(line, new CoordinatorFrame.Message(1, 1, STOP));
        TestLine.say(line, new CoordinatorFrame.Message(2, 1, next));
        ServerWebSocket second = coordinator.line();
        assertThat(coordinator.frame()).isEqualTo(new AgentFrame.Hello(1, "s1", 0));
        assertThat(handled).isEmpty();
        TestLine.say(second, welcome("s1", true, 1));
        TestLine.say(second, new CoordinatorFrame.Message(1, 1, STOP));
        TestLine.say(second, new CoordinatorFrame.Message(2, 1, next));
        assertThat(coordinator.frame()).isEqualTo(new AgentFrame.Acknowledge(1));
        assertThat(coordinator.frame()).isEqualTo(new AgentFrame.Acknowledge(2));
        assertThat(handled).containsExactly(STOP, next);
    }

    @Test
    void leavesALineThatSaysSomethingMalformed() throws Exception {
        ServerWebSocket line = coordinator.line();
        CountDownLatch gone = new CountDownLatch(1);
        line.closeHandler(_ -> gone.countDown());
        line.writeBinaryMessage(io.vertx.core.buffer.Buffer.buffer(new byte[] {1, 2, 3}));
        assertThat(gone.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(line.closeStatusCode()).isEqualTo((short) 1002);
    }
}
