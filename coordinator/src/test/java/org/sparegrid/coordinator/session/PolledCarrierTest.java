// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.AgentPoll;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.json.PollBody;

/// A session over polls, with virtual time.
class PolledCarrierTest {
    private static final long SECOND = 1_000_000_000L;
    private static final LeaseId LEASE = new LeaseId("vm-abcdefghijkl");
    private static final AgentFrame.Hello HELLO = new AgentFrame.Hello(1, "", 0);
    private static final CoordinatorMessage STOP = new CoordinatorMessage.StopLease(LEASE, "test");

    private final AtomicLong sessions = new AtomicLong();
    private final AgentLine line = new AgentLine(() -> "s" + sessions.incrementAndGet());
    private final AtomicLong numbers = new AtomicLong(100);
    private final List<Long> effects = new ArrayList<>();
    private long now = 3;

    /// Keeps what was answered.
    private static final class Way implements PolledCarrier.Reply {
        private final List<CoordinatorFrame> frames = new ArrayList<>();
        private long question;
        private int answers;
        private boolean over;

        @Override
        public void say(List<CoordinatorFrame> said, long asked) {
            answers++;
            frames.addAll(said);
            question = asked;
        }

        @Override
        public void over() {
            answers++;
            over = true;
        }
    }

    private static final class Socket implements AgentLine.Carrier {
        @Override
        public void replaced() {}

        @Override
        public void send(CoordinatorMessage message) {}

        @Override
        public String address() {
            return "192.0.2.1";
        }
    }

    private long offer() {
        return line.offer(numbers::incrementAndGet);
    }

    private Optional<PolledCarrier.Opened> greet(long number, AgentFrame.Hello hello) {
        return PolledCarrier.open(line, number, hello, "192.0.2.1", now);
    }

    private PolledCarrier open() {
        return greet(offer(), HELLO).orElseThrow().carrier();
    }

    private Way poll(PolledCarrier on, long seen, int holdMillis, AgentFrame... frames)
            throws Exception {
        Way way = new Way();
        boolean held =
                on.polled(
                        new PollBody<>(
                                new AgentPoll(1, seen, 0, holdMillis, false), List.of(frames)),
                        "192.0.2.2",
                        now,
                        message -> effects.add(message.sequence()),
                        numbers::incrementAndGet,
                        way);
        assertThat(held).isEqualTo(way.answers == 0);
        return way;
    }

    private static AgentFrame.Message message(long sequence) {
        return new AgentFrame.Message(sequence, 0, new AgentMessage.Heartbeat());
    }

    @Test
    void opensALineByAnOfferedNumberOnly() {
        assertThat(greet(0, HELLO)).isEmpty();
        assertThat(greet(5, HELLO)).isEmpty();
        long number = offer();
        assertThat(offer()).isEqualTo(number);
        assertThat(greet(number, HELLO).orElseThrow().fresh()).isTrue();
        assertThat(offer()).isNotEqualTo(number);
    }

    @Test
    void findsTheSameSessionIfTheSameGreetingComesAgain() {
        long number = offer();
        PolledCarrier first = greet(number, HELLO).orElseThrow().carrier();
        PolledCarrier.Opened again = greet(number, HELLO).orElseThrow();
        assertThat(again.fresh()).isFalse();
        assertThat(again.carrier()).isSameAs(first);
        assertThat(again.carrier().opening().session()).isEqualTo("s2");
        assertThat(greet(number, new AgentFrame.Hello(1, "s2", 0))).isEmpty();
    }

    @Test
    void opensNothingByALateGreeting() {
        long late = offer();
        PolledCarrier first = greet(late, HELLO).orElseThrow().carrier();
        PolledCarrier second =
                greet(offer(), new AgentFrame.Hello(1, "s2", 0)).orElseThrow().carrier();
        assertThat(second.opening().resumed()).isTrue();
        assertThat(second.opening().replaced()).contains(first);
        assertThat(greet(late, HELLO)).isEmpty();

        long unused = offer();
        line.open(new Socket(), new AgentFrame.Hello(1, "s2", 0));
        assertThat(greet(unused, HELLO)).isEmpty();
        assertThat(line.polled(unused)).isEmpty();
    }

    @Test
    void holdsAPollUntilThereIsSomethingToSay() throws Exception {
        PolledCarrier carrier = open();
        Way held = poll(carrier, 0, 10_000);
        carrier.send(STOP);
        assertThat(held.frames)
                .containsExactly(
                        new CoordinatorFrame.Acknowledge(0),
                        new CoordinatorFrame.Message(1, 0, STOP));
        carrier.send(STOP);
        assertThat(poll(carrier, 1, 10_000).frames)
                .endsWith(new CoordinatorFrame.Message(2, 0, STOP))
                .hasSize(2);
        assertThat(poll(carrier, 0, 10_000).frames).hasSize(3);
        poll(carrier, 2, 0, new AgentFrame.Acknowledge(2));
        assertThat(poll(carrier, 0, 0).frames).containsExactly(new CoordinatorFrame.Acknowledge(0));
        assertThat(carrier.address()).isEqualTo("192.0.2.2");
        assertThat(carrier.isPolled()).isTrue();
    }

    @Test
    void answersAnOlderPollWhenAnotherIsHeld() throws Exception {
        PolledCarrier carrier = open();
        Way older = poll(carrier, 0, 10_000);
        Way newer = poll(carrier, 0, 10_000);
        assertThat(older.frames).containsExactly(new CoordinatorFrame.Acknowledge(0));
        carrier.send(STOP);
        assertThat(newer.frames).hasSize(2);
        assertThat(older.answers).isEqualTo(1);
    }

    @Test
    void losesNothingThatAnAnswerHeldWhichGotLost() throws Exception {
        PolledCarrier carrier = open();
        poll(carrier, 0, 10_000);
        carrier.send(STOP); // the answer to that poll never arrives
        assertThat(poll(carrier, 0, 10_000).frames)
                .contains(new CoordinatorFrame.Message(1, 0, STOP));
        Way gone = poll(carrier, 1, 10_000);
        carrier.forget(gone);
        carrier.send(STOP);
        assertThat(gone.answers).isZero();
        assertThat(poll(carrier, 1, 10_000).frames)
                .contains(new CoordinatorFrame.Message(2, 0, STOP));
    }

    @Test
    void answersWhatSaysSomethingAtOnceAndTakesItOnce() throws Exception {
        PolledCarrier carrier = open();
        Way held = poll(carrier, 0, 10_000);
        assertThat(poll(carrier, 0, 10_000, message(1), message(2)).frames)
                .containsExactly(new CoordinatorFrame.Acknowledge(2));
        assertThat(poll(carrier, 0, 0, message(1), message(2), message(3)).frames)
                .containsExactly(new CoordinatorFrame.Acknowledge(3));
        assertThat(poll(carrier, 0, 0, message(2)).frames)
                .containsExactly(new CoordinatorFrame.Acknowledge(3));
        assertThat(effects).containsExactly(1L, 2L, 3L);
        assertThat(held.answers).isZero();
        carrier.expire(held, now, numbers::incrementAndGet);
        assertThat(held.frames).containsExactly(new CoordinatorFrame.Acknowledge(3));
        carrier.expire(held, now, numbers::incrementAndGet);
        assertThat(held.answers).isEqualTo(1);
    }

    @Test
    void refusesGapsAndOtherBreachesOfTheProtocol() throws Exception {
        PolledCarrier carrier = open();
        assertThatThrownBy(() -> poll(carrier, 0, 0, message(2)))
                .isInstanceOf(SessionException.class)
                .hasMessage("session: expected message 1, got 2");
        assertThatThrownBy(() -> poll(carrier, 0, 0, HELLO))
                .isInstanceOf(SessionException.class)
                .hasMessage("session: unexpected Hello");
        assertThatThrownBy(() -> poll(carrier, 0, 0, new AgentFrame.Acknowledge(1)))
                .isInstanceOf(SessionException.class)
                .hasMessage("session: expected at most 0 acknowledged, got 1");
        assertThat(effects).isEmpty();
    }

    @Test
    void saysThatALineIsOverAndTakesNothingOverIt() throws Exception {
        PolledCarrier carrier = open();
        Way held = poll(carrier, 0, 10_000);
        AgentLine.Opening opening = line.open(new Socket(), new AgentFrame.Hello(1, "s2", 0));
        opening.replaced().orElseThrow().replaced();
        assertThat(held.over).isTrue();
        assertThat(poll(carrier, 0, 10_000, message(1)).over).isTrue();
        assertThat(effects).isEmpty();
        assertThat(carrier.isOver()).isTrue();
        assertThat(carrier.end()).isFalse();
    }

    @Test
    void isDeadAfterSilenceOrWithTooMuchThatWaits() throws Exception {
        PolledCarrier carrier = open();
        now += 30 * SECOND;
        assertThat(carrier.isDead(now, 30 * SECOND)).isFalse();
        assertThat(carrier.isDead(now + 1, 30 * SECOND)).isTrue();
        poll(carrier, 0, 0);
        assertThat(carrier.isDead(now + 30 * SECOND, 30 * SECOND)).isFalse();
        for (int i = 0; i <= AgentSession.OUTBOX_MAX; i++) {
            carrier.send(STOP);
        }
        assertThat(carrier.isDead(now, 30 * SECOND)).isTrue();
        assertThat(carrier.end()).isTrue();
        assertThat(line.polled(101)).isEmpty();
    }

    @Test
    void measuresTheRoundTripByAQuestionThatNobodyCanGuess() throws Exception {
        PolledCarrier carrier = open();
        Way held = poll(carrier, 0, 10_000);
        now += 10 * SECOND;
        carrier.expire(held, now, numbers::incrementAndGet);
        assertThat(held.question).isNotZero();
        assertThat(carrier.roundTrip(held.question + 1, now + 5)).isEmpty();
        assertThat(carrier.roundTrip(0, now + 5)).isEmpty();
        assertThat(carrier.roundTrip(held.question, now + 40)).contains(40L);
        assertThat(carrier.roundTrip(held.question, now + 50)).isEmpty();
    }
}
