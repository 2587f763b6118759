// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.sparegrid.agent.config.SessionChoice;

class CarrierChoiceTest {
    private static final Carrier.Loss CUT = new Carrier.Loss("closed: null", true);
    private static final Carrier.Loss AWAY = new Carrier.Loss("can't connect: refused", false);
    private static final Duration SOON = Duration.ofSeconds(3);
    private static final Duration LONG = CarrierChoice.SHORT_LIFE;

    private final CarrierChoice choice = choice(SessionChoice.AUTO);

    private static CarrierChoice choice(SessionChoice setting) {
        return new CarrierChoice(setting, new SplittableRandom(1));
    }

    private void cut(int times) {
        for (int i = 0; i < times; i++) {
            choice.webSocketLost(CUT, SOON);
        }
    }

    @Test
    void pollsAfterThreeWebSocketsThatWereCut() {
        assertThat(choice.next()).isEqualTo(Carrier.Kind.WEBSOCKET);
        cut(2);
        assertThat(choice.next()).isEqualTo(Carrier.Kind.WEBSOCKET);
        cut(1);
        assertThat(choice.next()).isEqualTo(Carrier.Kind.POLLS);
        assertThat(choice.why()).isEqualTo("closed: null");
    }

    @Test
    void doesNotPollBecauseTheCoordinatorIsAwayOrCloses() {
        for (int i = 0; i < 100; i++) {
            choice.webSocketLost(AWAY, Duration.ZERO);
        }
        assertThat(choice.next()).isEqualTo(Carrier.Kind.WEBSOCKET);
        assertThat(choice.why()).isEmpty();
    }

    @Test
    void countsAnewAfterAWebSocketThatLived() {
        cut(2);
        choice.webSocketLost(CUT, LONG);
        cut(2);
        assertThat(choice.next()).isEqualTo(Carrier.Kind.WEBSOCKET);
        cut(1);
        assertThat(choice.next()).isEqualTo(Carrier.Kind.POLLS);
    }

    @Test
    void takesTurnsIfPollsFailToo() {
        cut(3);
        choice.pollsLost();
        assertThat(choice.next()).isEqualTo(Carrier.Kind.WEBSOCKET);
        choice.webSocketLost(AWAY, Duration.ZERO);
        assertThat(choice.next()).isEqualTo(Carrier.Kind.POLLS);
    }

    @Test
    void goesOnPollingAfterOneMoreWebSocketThatWasCut() {
        cut(3);
        choice.polling();
        choice.webSocketLost(CUT, SOON);
        assertThat(choice.next()).isEqualTo(Carrier.Kind.POLLS);
        choice.webSocketLost(CUT, LONG);
        assertThat(choice.next()).isEqualTo(Carrier.Kind.WEBSOCKET);
        assertThat(choice.why()).isEmpty();
    }

    @Test
    void triesAWebSocketAfterGrowingPausesThatEndAtAnHour() {
        Duration most = CarrierChoice.RETRY_FIRST;
        for (int i = 0; i < 20; i++) {
            assertThat(choice.nextRetry()).isBetween(most.dividedBy(2), most);
            most = most.multipliedBy(2);
            if (most.compareTo(CarrierChoice.RETRY_MAX) > 0) {
                most = CarrierChoice.RETRY_MAX;
            }
        }
        cut(3);
        choice.polling();
        choice.webSocketLost(CUT, LONG);
        assertThat(choice.nextRetry()).isLessThanOrEqualTo(CarrierChoice.RETRY_FIRST);
    }

    @Test
    void doesAsTheOwnerSays() {
        CarrierChoice webSocket = choice(SessionChoice.WEBSOCKET);
        for (int i = 0; i < 10; i++) {
            webSocket.webSocketLost(CUT, SOON);
        }
        assertThat(webSocket.next()).isEqualTo(Carrier.Kind.WEBSOCKET);
        CarrierChoice polling = choice(SessionChoice.POLLING);
        assertThat(polling.next()).isEqualTo(Carrier.Kind.POLLS);
        assertThat(polling.why()).isEqualTo("the setting session says so");
        assertThat(polling.mayRetry()).isFalse();
        polling.pollsLost();
        assertThat(polling.next()).isEqualTo(Carrier.Kind.POLLS);
    }
}
