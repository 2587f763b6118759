// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.AgentPoll;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.control.PollAnswer;
import org.sparegrid.protocol.json.MessageFormatException;
import org.sparegrid.protocol.json.PollBody;

/// Which polls are made, with virtual time.
class PollingTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long LINE = 7;
    private static final AgentFrame.Hello HELLO = new AgentFrame.Hello(1, "", 0);
    private static final LeaseId LEASE = new LeaseId("vm-aaaaaaaaaaaa");
    private static final CoordinatorFrame NEWS =
            new CoordinatorFrame.Message(1, 0, new CoordinatorMessage.StopLease(LEASE, "test"));

    private final Delivery delivery = new Delivery();
    private long seen;
    private long now = 5;
    private final Polling polling =
            new Polling(
                    new Polling.Speech() {
                        @Override
                        public long last() {
                            return delivery.last();
                        }

                        @Override
                        public List<AgentFrame.Message> unacknowledged(int most) {
                            return delivery.unacknowledged(most);
                        }

                        @Override
                        public long seen() {
                            return seen;
                        }

                        @Override
                        public long received() {
                            return delivery.received();
                        }
                    },
                    new SplittableRandom(1),
                    now);

    private static PollBody<AgentPoll, AgentFrame> read(Polling.Request request) {
        try {
            return PollBody.parse(request.body(), AgentPoll.class, AgentFrame.class);
        } catch (MessageFormatException malformed) {
            throw new AssertionError(malformed);
        }
    }

    private Polling.Request one() {
        List<Polling.Request> due = polling.due(now);
        assertThat(due).hasSize(1);
        return due.getFirst();
    }

    private List<CoordinatorFrame> answer(Polling.Request to, CoordinatorFrame... frames) {
        return polling.answered(
                to.number(), new PollBody<>(new PollAnswer(LINE, 99), List.of(frames)), now);
    }

    /// Opens the line.
    ///
    /// @return the poll that is held then
    private Polling.Request open(int heartbeatSeconds) {
        polling.greet(HELLO);
        answer(one());
        answer(one(), new CoordinatorFrame.Welcome("s1", false, 0, heartbeatSeconds));
        delivery.begun("s1");
        return one();
    }

    private void say(String what) {
        delivery.send(new AgentMessage.LeaseRejected(LEASE, what), () -> {});
    }

    private static List<String> said(Polling.Request request) {
        return read(request).frames().stream()
                .filter(AgentFrame.Message.class::isInstance)
                .map(frame ->
                        ((AgentMessage.LeaseRejected) ((AgentFrame.Message) frame).body()).why())
                .toList();
    }

    @Test
    void asksForALineAndGreetsOnIt() {
        assertThat(polling.due(now)).isEmpty();
        polling.greet(HELLO);
        Polling.Request first = one();
        assertThat(read(first))
                .isEqualTo(new PollBody<>(new AgentPoll(0, 0, 0, 0, false), List.of()));
        assertThat(polling.due(now)).isEmpty();
        answer(first);
        Polling.Request second = one();
        assertThat(read(second))
                .isEqualTo(new PollBody<>(new AgentPoll(LINE, 0, 0, 0, false), List.of(HELLO)));
        answer(second, new CoordinatorFrame.Welcome("s1", false, 0, 10));
        Polling.Request third = one();
        assertThat(read(third))
                .isEqualTo(
                        new PollBody<>(
                                new AgentPoll(LINE, 0, 0, 1_000, false),
                                List.of(new AgentFrame.Acknowledge(0))));
        assertThat(third.timeoutMillis()).isEqualTo(21_000);
    }

    @Test
    void isHeldLongerAndLongerAndShortAgainOnceThereIsSomething() {
        Polling.Request held = open(10);
        List<Integer> holds = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            int millis = read(held).head().holdMillis();
            holds.add(millis);
            now += millis * 1_000_000L;
            answer(held, new CoordinatorFrame.Acknowledge(0));
            held = one();
        }
        assertThat(holds).containsExactly(1_000, 2_000, 4_000, 8_000, 10_000, 10_000);
        answer(held, new CoordinatorFrame.Acknowledge(0), NEWS);
        seen = 1;
        held = one();
        assertThat(read(held).head()).isEqualTo(new AgentPoll(LINE, 1, 99, 1_000, false));
    }

    @Test
    void isNeverHeldForLongerThanProxiesWait() {
        Polling.Request held = open(300);
        for (int i = 0; i < 12; i++) {
            now += read(held).head().holdMillis() * 1_000_000L;
            answer(held);
            held = one();
        }
        assertThat(read(held).head().holdMillis()).isEqualTo(AgentPoll.HOLD_MILLIS_MAX);
    }

    @Test
    void speaksWhileAPollIsHeldAndOnceAtATime() {
        Polling.Request held = open(10);
        say("one");
        Polling.Request spoken = one();
        assertThat(read(spoken).head().holdMillis()).isZero();
        assertThat(said(spoken)).containsExactly("one");
        say("two");
        assertThat(polling.due(now)).isEmpty();
        answer(spoken, new CoordinatorFrame.Acknowledge(1));
        delivery.acknowledged(1);
        assertThat(said(one())).containsExactly("two");
        now += SECOND;
        answer(held);
        assertThat(read(one()).head().holdMillis()).isEqualTo(1_000);
    }

    @Test
    void saysAgainWhatWasLostAndTakesNoAnswerTwice() {
        Polling.Request held = open(10);
        say("one");
        Polling.Request spoken = one();
        assertThat(polling.failed(spoken.number(), now)).isFalse();
        assertThat(polling.due(now)).isEmpty();
        assertThat(polling.wakeMillis(now).orElseThrow()).isBetween(1L, 1_001L);
        now += SECOND;
        say("two");
        Polling.Request again = one();
        assertThat(said(again)).containsExactly("one", "two");
        assertThat(answer(spoken, NEWS)).isEmpty();
        assertThat(answer(held, NEWS)).containsExactly(NEWS);
        assertThat(answer(held, NEWS)).isEmpty();
        assertThat(polling.failed(held.number(), now)).isFalse();
    }

    @Test
    void keepsBelowATimeThatWasTooLongForTheWay() {
        Polling.Request held = open(40);
        List<Integer> holds = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            int millis = read(held).head().holdMillis();
            holds.add(millis);
            if (millis > 5_000) { // something on the way has no more patience
                now += 5 * SECOND;
                assertThat(polling.failed(held.number(), now)).isFalse();
                now += 2 * SECOND;
            } else {
                now += millis * 1_000_000L;
                answer(held);
            }
            held = one();
        }
        assertThat(holds)
                .containsExactly(
                        1_000, 2_000, 4_000, 8_000, 1_000, 2_000, 4_000, 4_000, 4_000, 4_000);
    }

    @Test
    void doesNotAskInALoopIfNothingIsHeld() {
        Polling.Request held = open(10);
        int polls = 0;
        for (long end = now + 60 * SECOND; now < end; ) {
            answer(held);
            polls++;
            assertThat(polling.due(now)).isEmpty();
            now += polling.wakeMillis(now).orElseThrow() * 1_000_000;
            held = one();
            assertThat(read(held).head().echo()).isZero();
        }
        assertThat(polls).isLessThan(20);
    }

    @Test
    void givesUpAfterFivePollsWithoutAnAnswer() {
        polling.greet(HELLO);
        for (int i = 1; i <= Polling.LOST_MAX; i++) {
            now += 60 * SECOND;
            assertThat(polling.failed(one().number(), now)).isEqualTo(i == Polling.LOST_MAX);
        }
    }

    @Test
    void hasAsMuchPatienceAsIsAskedForButNotForEver() {
        Polling.Request held = open(10);
        polling.patience(held.number(), 7, now);
        say("one");
        now += 6 * SECOND;
        assertThat(polling.due(now)).isEmpty();
        now += SECOND;
        assertThat(polling.due(now)).hasSize(2);
        polling.patience(3, 99_999, now);
        polling.patience(4, 99_999, now);
        polling.patience(5, 99_999, now);
        assertThat(polling.wakeMillis(now)).contains(Polling.PATIENCE_SECONDS_MAX * 1_000L + 1);
    }

    @Test
    void refusesAnAnswerAboutAnotherLine() {
        Polling.Request held = open(10);
        assertThatThrownBy(() ->
                        polling.answered(
                                held.number(),
                                new PollBody<>(new PollAnswer(LINE + 1, 0), List.of()),
                                now))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("poll: expected an answer on line 7, got 8");
    }

    @Test
    void saysGoodbyeOnceItIsKnown() throws Exception {
        assertThat(polling.farewell()).isEmpty();
        open(10);
        assertThat(
                        PollBody.parse(
                                        polling.farewell().orElseThrow(),
                                        AgentPoll.class,
                                        AgentFrame.class)
                                .head())
                .isEqualTo(new AgentPoll(LINE, 0, 0, 0, true));
    }
}
