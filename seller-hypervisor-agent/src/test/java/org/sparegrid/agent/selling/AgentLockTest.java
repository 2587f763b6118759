// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentLockTest {
    @TempDir private Path data = Path.of("/nonexistent");

    @Test
    void aSecondAgentIsTurnedAway() throws Exception {
        try (AgentLock first = AgentLock.forAgent(data)) {
            assertThat(first).isNotNull();
            assertThatThrownBy(() -> AgentLock.forAgent(data))
                    .hasMessageContaining("another sparegrid-agent runs here");
        }
        AgentLock.forAgent(data).close();
    }

    @Test
    void anAgentStartsOnlyWhenTheTestIsOver() throws Exception {
        FutureTask<AgentLock> agent = new FutureTask<>(() -> AgentLock.forAgent(data));
        try (AgentLock test = AgentLock.forTest(data, () -> false).orElseThrow()) {
            assertThat(test).isNotNull();
            Thread.startVirtualThread(agent);
            // Longer than an agent looks that meets another agent.
            assertThatThrownBy(() -> agent.get(1500, TimeUnit.MILLISECONDS))
                    .isInstanceOf(java.util.concurrent.TimeoutException.class);
        }
        agent.get(1, TimeUnit.MINUTES).close();
    }

    @Test
    void aTestWaitsForTheAgentThatStarts() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (AgentLock starting = AgentLock.forAgent(data)) {
            assertThat(starting).isNotNull();
            Optional<AgentLock> test = AgentLock.forTest(data, () -> asked.incrementAndGet() > 3);
            assertThat(test).as("with an agent that answers").isEmpty();
        }
        try (AgentLock test = AgentLock.forTest(data, () -> false).orElseThrow()) {
            assertThat(test).isNotNull();
        }
    }

    @Test
    void twoTestsTakeTurns() throws Exception {
        FutureTask<Optional<AgentLock>> second =
                new FutureTask<>(() -> AgentLock.forTest(data, () -> false));
        AgentLock first = AgentLock.forTest(data, () -> false).orElseThrow();
        Thread.startVirtualThread(second);
        first.close();
        second.get(1, TimeUnit.MINUTES).orElseThrow().close();
    }
}
