// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.AgentPoll;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.json.PollBody;

/// What the coordinator does with polls, over real TLS requests.
class AgentPollsTest {
    @TempDir Path folder;

    private Trial trial;
    private FakeAgent agent;
    private FakePolls raw;

    @BeforeEach
    void start() throws Exception {
        trial = new Trial(folder);
        agent = FakeAgent.join(trial, trial.person("owner"), "1", true);
        raw = new FakePolls(trial, trial.client(agent.keys()), () -> 0, frame -> {});
    }

    @AfterEach
    void stop() throws Exception {
        agent.close();
        trial.close();
        assertThat(trial.faults()).isEmpty();
    }

    private long line() throws Exception {
        return FakePolls.read(raw.post(new AgentPoll(0, 0, 0, 0, false))).head().line();
    }

    private FakePolls.Reply greet(long line, AgentFrame.Hello hello) throws Exception {
        return raw.post(new AgentPoll(line, 0, 0, 0, false), hello);
    }

    private static String text(FakePolls.Reply reply) {
        return reply.status() + " " + new String(reply.body(), StandardCharsets.UTF_8);
    }

    @Test
    void countsAgentsThatPollAmongTheOthers() throws Exception {
        assertThat(trial.figure("sparegrid_agents")).endsWith(" 1.0");
        assertThat(trial.figure("sparegrid_agents_polling")).endsWith(" 1.0");
        try (FakeAgent other = FakeAgent.join(trial, trial.person("other"), "1")) {
            assertThat(other.seller()).isNotEqualTo(agent.seller());
            assertThat(trial.figure("sparegrid_agents")).endsWith(" 2.0");
            assertThat(trial.figure("sparegrid_agents_polling")).endsWith(" 1.0");
        }
        assertThat(trial.figure("sparegrid_polls_total")).isNotEmpty();
    }

    @Test
    void takesAnAgentThatIsSilentForOneThatIsGone() throws Exception {
        agent.cut();
        Trial.await(() -> trial.figure("sparegrid_agents"), line -> line.endsWith(" 0.0"));
        assertThat(agent.connect())
                .isInstanceOfSatisfying(
                        CoordinatorFrame.Welcome.class,
                        welcome -> assertThat(welcome.resumed()).isTrue());
        agent.tell(new AgentMessage.Heartbeat());
    }

    @Test
    void knowsAtOnceThatAnAgentLeaves() throws Exception {
        long line = line();
        greet(line, new AgentFrame.Hello(1, "", 0));
        assertThat(raw.post(new AgentPoll(line, 0, 0, 0, true)).status()).isEqualTo(200);
        assertThat(trial.figure("sparegrid_agents")).endsWith(" 0.0");
        assertThat(text(raw.post(new AgentPoll(line, 0, 0, 0, false))))
                .startsWith("409 ")
                .contains("this line is over; ask for another");
    }

    @Test
    void opensOneSessionHoweverOftenAGreetingComes() throws Exception {
        long line = line();
        AgentFrame.Hello hello = new AgentFrame.Hello(1, "", 0);
        List<CoordinatorFrame> first = FakePolls.read(greet(line, hello)).frames();
        assertThat(first)
                .singleElement()
                .isInstanceOfSatisfying(
                        CoordinatorFrame.Welcome.class,
                        welcome -> assertThat(welcome.resumed()).isFalse());
        assertThat(FakePolls.read(greet(line, hello)).frames()).isEqualTo(first);
        // The late greeting of an earlier line must not cost the session of the newer one.
        assertThat(agent.connect()).isInstanceOf(CoordinatorFrame.Welcome.class);
        assertThat(greet(line, hello).status()).isEqualTo(409);
        agent.tell(new AgentMessage.Inventory(agent.ask(), true, List.of(), List.of()));
    }

    @Test
    void refusesWhatIsNoPollAndSaysWhy() throws Exception {
        assertThat(text(raw.post(new byte[0])))
                .startsWith("400 ")
                .contains("poll: expected a length of 4 bytes at offset 0, got 0");
        assertThat(text(raw.post(new AgentPoll(0, 0, 0, 0, false), new AgentFrame.Acknowledge(0))))
                .startsWith("400 ")
                .contains("session: expected no frames without a line");
        long line = line();
        assertThat(text(raw.post(new AgentPoll(line, 0, 0, 0, false)))).startsWith("409 ");
        greet(line, new AgentFrame.Hello(1, "", 0));
        assertThat(
                        text(
                                raw.post(
                                        new AgentPoll(line, 0, 0, 0, false),
                                        new AgentFrame.Message(
                                                7, 0, new AgentMessage.Heartbeat()))))
                .startsWith("400 ")
                .contains("session: expected message 1, got 7");
        assertThat(text(raw.post(new AgentPoll(line, 0, 0, 0, false)))).startsWith("409 ");
        assertThat(raw.post(new byte[PollBody.LENGTH_MAX_BYTES + 1]).status()).isEqualTo(413);
        assertThat(FakePolls.read(greet(line(), new AgentFrame.Hello(2, "", 0))).frames())
                .singleElement()
                .isInstanceOfSatisfying(
                        CoordinatorFrame.Refused.class,
                        refused -> assertThat(refused.why()).contains("expected version 1, got 2"));
    }

    @Test
    void talksToNobodyWithoutAnEnrolledCertificate() throws Exception {
        FakePolls nobody = new FakePolls(trial, trial.client(), () -> 0, frame -> {});
        assertThat(text(nobody.post(new AgentPoll(0, 0, 0, 0, false))))
                .startsWith("401 ")
                .contains("an agent must present its certificate");
    }

    @Test
    void holdsOneAndHasNoMoreThanFourPollsOfAnAgentUnderWay() throws Exception {
        long line = line();
        greet(line, new AgentFrame.Hello(1, "", 0));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<FakePolls.Reply>> polls = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                polls.add(threads.submit(() -> raw.post(new AgentPoll(line, 0, 0, 2_000, false))));
            }
            int answered = 0;
            int refused = 0;
            for (Future<FakePolls.Reply> poll : polls) {
                int status = poll.get(30, TimeUnit.SECONDS).status();
                answered += status == 200 ? 1 : 0;
                refused += status == 429 ? 1 : 0;
            }
            assertThat(answered).isPositive();
            assertThat(answered + refused).isEqualTo(40);
        }
        for (int i = 0; i < 10; i++) { // none is counted for ever
            assertThat(raw.post(new AgentPoll(line, 0, 0, 0, false)).status()).isEqualTo(200);
        }
    }

    @Test
    void countsPollsThatWereGivenUpNoLonger() throws Exception {
        Path other = Files.createDirectory(folder.resolve("slow"));
        try (Trial slow = new Trial(other, "heartbeat = \"60 s\"\n");
                FakeAgent patient = FakeAgent.join(slow, slow.person("owner"), "1")) {
            for (int i = 0; i < 6; i++) {
                cutPoll(slow, patient);
            }
            FakePolls again =
                    new FakePolls(slow, slow.client(patient.keys()), () -> 0, frame -> {});
            Trial.await(
                    () -> again.post(new AgentPoll(0, 0, 0, 0, false)).status(),
                    status -> status == 200);
        }
    }

    /// Opens a line, has a poll held on it for long, and hangs up.
    private static void cutPoll(Trial trial, FakeAgent agent) throws Exception {
        HttpClient client = trial.client(agent.keys());
        FakePolls polls = new FakePolls(trial, client, () -> 0, frame -> {});
        AgentPoll open = new AgentPoll(0, 0, 0, 0, false);
        long line = FakePolls.read(polls.post(open)).head().line();
        polls.post(new AgentPoll(line, 0, 0, 0, false), new AgentFrame.Hello(1, "", 0));
        Thread poll =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                polls.post(new AgentPoll(line, 0, 0, 50_000, false));
                            } catch (Exception cut) {
                                // It is what this test does.
                            }
                        });
        assertThat(polls.post(new AgentPoll(line, 0, 0, 0, false)).status()).isEqualTo(200);
        client.shutdownNow();
        poll.join();
    }
}
