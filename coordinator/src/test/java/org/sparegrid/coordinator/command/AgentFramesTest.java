// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.sparegrid.protocol.ProtocolVersion;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.json.Format;

/// What a connection of an agent does with the frames that come on it, in bursts and after pauses.
class AgentFramesTest {
    private static final int BURST = 1_000;

    @TempDir Path folder;

    private Trial trial;
    private FakeAgent agent;

    @BeforeEach
    void start() throws Exception {
        trial = new Trial(folder);
        agent = FakeAgent.join(trial, trial.person("owner"), "1");
    }

    @AfterEach
    void stop() throws Exception {
        agent.close();
        trial.close();
        assertThat(trial.faults()).isEmpty();
    }

    /// Each must be the next one: were two threads at work at once, the connection would be cut.
    @Test
    void takesBurstsInOrderAndGoesOnAfterEachPause() throws Exception {
        for (int burst = 0; burst < 3; burst++) {
            long last = 0;
            for (int i = 0; i < BURST; i++) {
                last = agent.send(new AgentMessage.Heartbeat());
            }
            agent.settle(last);
            agent.tell(new AgentMessage.Heartbeat());
        }
    }

    @Test
    void acknowledgesAMessageWhateverComesRightBehindIt() throws Exception {
        for (int i = 0; i < 300; i++) {
            long sent = agent.send(new AgentMessage.Heartbeat());
            agent.writeRaw(Format.CBOR.write(new AgentFrame.Acknowledge(0)));
            agent.settle(sent);
        }
    }

    static Stream<Arguments> wrong() {
        return Stream.of(
                Arguments.of(new byte[0], "1002 expected a frame, got an empty message"),
                Arguments.of(new byte[] {1, 2}, "1002 AgentFrame: "),
                Arguments.of(
                        Format.CBOR.write(
                                new AgentFrame.Message(1_000, 0, new AgentMessage.Heartbeat())),
                        "1002 session: expected message 2, got 1000"),
                Arguments.of(
                        Format.CBOR.write(
                                new AgentFrame.Hello(ProtocolVersion.AGENT_SESSION, "", 0)),
                        "1002 session: expected one Hello, got another"));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void endsAtAFrameThatIsWrongAndTakesNoneAfterIt(byte[] frame, String why) throws Exception {
        agent.writeRaw(frame);
        long after = agent.send(new AgentMessage.Heartbeat());
        assertThat(agent.farewell()).startsWith(why);
        assertThat(agent.connect())
                .isInstanceOfSatisfying(
                        CoordinatorFrame.Welcome.class,
                        welcome -> {
                            assertThat(welcome.resumed()).isTrue();
                            assertThat(welcome.received()).isLessThan(after);
                        });
        agent.settle(after);
    }
}
