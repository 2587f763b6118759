// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.testsupport.Property;

class AgentSessionTest {
    private static CoordinatorMessage stop(int number) {
        return new CoordinatorMessage.StopLease(new LeaseId("vm-abcdefghijkl"), "" + number);
    }

    @Test
    void deliversOnceAndInOrderThroughLossAndRepetition() {
        Property.holds(
                200,
                random -> {
                    AgentSession session = new AgentSession("s");
                    List<String> taken = new ArrayList<>();
                    long received = 0;
                    for (int i = 0; i < 100; i++) {
                        session.queue(stop(i));
                        List<CoordinatorFrame.Message> wire = session.unacknowledged();
                        int arriving = random.nextInt(wire.size() + 1);
                        for (CoordinatorFrame.Message message : wire.subList(0, arriving)) {
                            if (message.sequence() == received + 1) {
                                received++;
                                taken.add(((CoordinatorMessage.StopLease) message.body()).why());
                            }
                        }
                        if (random.nextBoolean()) {
                            session.acknowledged(received);
                        }
                    }
                    for (CoordinatorFrame.Message message : session.unacknowledged()) {
                        if (message.sequence() == received + 1) {
                            received++;
                            taken.add(((CoordinatorMessage.StopLease) message.body()).why());
                        }
                    }
                    assertThat(taken).hasSize(100).startsWith("0", "1").endsWith("98", "99");
                });
    }

    @Test
    void takesEachMessageOfTheAgentOnce() throws Exception {
        AgentSession session = new AgentSession("s");
        assertThat(session.isNext(1)).isTrue();
        session.took();
        assertThat(session.isNext(1)).isFalse();
        assertThat(session.received()).isEqualTo(1);
        assertThatThrownBy(() -> session.isNext(3))
                .isInstanceOf(SessionException.class)
                .hasMessage("session: expected message 2, got 3");
    }

    @Test
    void refusesAcknowledgementsOfWhatWasNeverSent() {
        AgentSession session = new AgentSession("s");
        session.queue(stop(1));
        assertThatThrownBy(() -> session.acknowledged(2))
                .isInstanceOf(SessionException.class)
                .hasMessage("session: expected at most 1 acknowledged, got 2");
    }
}
