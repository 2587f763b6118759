// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.AgentPoll;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.control.PollAnswer;

class PollBodyFuzzTest {
    @FuzzTest
    void readsPollsOrRefusesThem(byte[] bytes) throws MessageFormatException {
        holds(bytes, AgentPoll.class, AgentFrame.class);
    }

    @FuzzTest
    void readsAnswersOrRefusesThem(byte[] bytes) throws MessageFormatException {
        holds(bytes, PollAnswer.class, CoordinatorFrame.class);
    }

    private static <H, F> void holds(byte[] bytes, Class<H> head, Class<F> frame)
            throws MessageFormatException {
        PollBody<H, F> body;
        try {
            body = PollBody.parse(bytes, head, frame);
        } catch (MessageFormatException refused) {
            assertThat(refused).hasMessageContaining(": ");
            return;
        }
        assertThat(PollBody.parse(body.toBytes(), head, frame)).isEqualTo(body);
    }
}
