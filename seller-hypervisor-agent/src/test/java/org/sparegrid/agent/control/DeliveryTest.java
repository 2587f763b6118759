// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.AgentMessage;

class DeliveryTest {
    private static final AgentMessage BEAT = new AgentMessage.Heartbeat();

    private final Delivery delivery = new Delivery();
    private final List<Integer> told = new ArrayList<>();

    private AgentFrame.Message send(int number) {
        return delivery.send(BEAT, () -> told.add(number));
    }

    @Test
    void numbersFromOneWithoutGaps() {
        delivery.begun("s1");

        assertThat(send(1).sequence()).isEqualTo(1);
        assertThat(send(2).sequence()).isEqualTo(2);
    }

    @Test
    void tellsEachAcknowledgementOnceInOrder() {
        delivery.begun("s1");
        for (int i = 1; i <= 3; i++) {
            send(i);
        }

        delivery.acknowledged(2).forEach(Runnable::run);
        delivery.acknowledged(2).forEach(Runnable::run);
        delivery.acknowledged(3).forEach(Runnable::run);

        assertThat(told).containsExactly(1, 2, 3);
    }

    @Test
    void sendsAgainWhatWasNotReceived() {
        delivery.begun("s1");
        for (int i = 1; i <= 3; i++) {
            send(i);
        }
        delivery.acknowledged(1);
        delivery.took(7);

        assertThat(delivery.resumed())
                .containsExactly(
                        new AgentFrame.Message(2, 7, BEAT), new AgentFrame.Message(3, 7, BEAT));
    }

    @Test
    void forgetsEverythingWithANewSession() {
        delivery.begun("s1");
        send(1);
        delivery.took(4);

        delivery.begun("s2");

        assertThat(delivery.resumed()).isEmpty();
        assertThat(delivery.received()).isZero();
        assertThat(send(2).sequence()).isEqualTo(1);
        assertThat(told).isEmpty();
    }

    @Test
    void givesTheSessionUpWhenTooMuchWaits() {
        delivery.begun("s1");
        for (int i = 0; i < Delivery.PENDING_MAX; i++) {
            send(i);
        }
        assertThat(delivery.session()).isEqualTo("s1");

        send(0);

        assertThat(delivery.session()).isEmpty();
    }

    @Test
    void refusesAcknowledgementsOfWhatWasNeverSent() {
        delivery.begun("s1");

        assertThatThrownBy(() -> delivery.acknowledged(1)).hasMessageContaining("only 0");
    }

    @Test
    void takesEachMessageOnceAndNoticesGaps() {
        assertThat(delivery.isNext(1, 0)).isTrue();
        assertThat(delivery.isNext(1, 1)).isFalse();
        assertThatThrownBy(() -> delivery.isNext(3, 1)).hasMessageContaining("expected message 2");
    }

    @Test
    void waitsLongerEachTimeAndAtMostAMinute() {
        Backoff backoff = new Backoff(new Random(1));
        for (long most = 1000, i = 0; i < 20; i++, most = Math.min(60_000, most * 2)) {
            assertThat(backoff.nextMillis()).isBetween(1L, most);
        }
        backoff.reset();
        assertThat(backoff.nextMillis()).isBetween(1L, 1000L);
    }
}
