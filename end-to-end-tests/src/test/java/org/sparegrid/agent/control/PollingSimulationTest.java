// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.sparegrid.testsupport.Property;

/// The agent's and the coordinator's end of a session over polls, with virtual time and a network
/// that loses, repeats, delays and reorders requests and answers, and at times carries nothing.
class PollingSimulationTest {
    private static final long SECOND = PollingWorld.SECOND;
    private static final int RUNS = 300;

    private static List<String> upTo(int count) {
        List<String> all = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            all.add("m" + i);
        }
        return all;
    }

    @Test
    void takesEverythingOnceAndInOrderWhateverTheNetworkDoes() {
        AtomicInteger said = new AtomicInteger();
        Property.holds(
                RUNS,
                random -> {
                    PollingWorld world = new PollingWorld(random);
                    world.network =
                            new PollingWorld.Network(
                                    random.nextDouble() * 0.4,
                                    random.nextDouble() * 0.4,
                                    random.nextLong(1, 20 * SECOND));
                    world.start();
                    world.chatterUntil(600 * SECOND);
                    world.network = PollingWorld.Network.GOOD;
                    world.runUntil(world.now() + 600 * SECOND);
                    assertThat(world.takenByCoordinator).isEqualTo(upTo(world.saidByAgent));
                    assertThat(world.takenByAgent).isEqualTo(upTo(world.saidByCoordinator));
                    said.addAndGet(world.saidByAgent + world.saidByCoordinator);
                    assertThat(world.sessionsBegun).isEqualTo(1);
                    assertThat(world.underWayMost).isLessThanOrEqualTo(2);
                });
        if (System.getProperty("test.seed") == null) { // some networks let nothing through at first
            assertThat(said).hasValueGreaterThan(50 * RUNS);
        }
    }

    /// An hour in which nobody says anything, with a heartbeat of 10 s.
    @Test
    void pollsNoMoreOftenThanAWebSocketHasHeartbeats() {
        Property.holds(
                5,
                random -> {
                    PollingWorld world = new PollingWorld(random);
                    world.network = PollingWorld.Network.GOOD;
                    world.start();
                    world.runUntil(3600 * SECOND);
                    assertThat(world.requests).isBetween(355, 370);
                    assertThat(world.sessionsBegun).isEqualTo(1);
                });
    }
}
