// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ProcessorShareTest {
    private static final long SECOND = 1_000_000_000L;

    private final ProcessorShare share = new ProcessorShare();

    /// Works without a rest, but for the pauses it is told, and says how much it did.
    private long workedNanos(long fromNanos, long untilNanos, long stepNanos) {
        long now = fromNanos;
        long worked = 0;
        while (now < untilNanos) {
            now += stepNanos;
            worked += stepNanos;
            now += share.use(stepNanos, now);
        }
        return worked;
    }

    @Test
    void knowsNoLimitUntilThereIsOne() {
        assertThat(share.isLimited()).isFalse();
        assertThat(share.use(Long.MAX_VALUE / 2, 0)).isZero();
        assertThat(share.isUsedUp(0)).isFalse();
    }

    @Test
    void holdsEndlessWorkToItsPart() {
        share.set(0.25);
        double saved = ProcessorShare.SAVED_NANOS_MAX;
        assertThat((double) workedNanos(-SECOND, 9 * SECOND, 1_000_000))
                .isCloseTo(2.5 * SECOND + saved, within(0.01 * SECOND));
    }

    @Test
    void savesUpOnlySoMuch() {
        share.set(1);
        assertThat(share.use(0, 5)).isZero();
        long hour = 3600 * SECOND;
        assertThat(share.use(ProcessorShare.SAVED_NANOS_MAX, hour)).isZero();
        assertThat(share.use(1_000, hour)).isEqualTo(1_000);
        assertThat(share.isUsedUp(hour)).isTrue();
        assertThat(share.isUsedUp(hour + 1_000)).isFalse();
    }

    @Test
    void leavesALittleToAMachineThatMayHaveNothing() {
        share.set(0);
        share.use(ProcessorShare.SAVED_NANOS_MAX, 0);
        assertThat(share.use(1_000_000, 0)).isEqualTo(100_000_000);
    }

    @Test
    void takesAnotherLimitAtOnceAndNoneAgain() {
        share.set(0.01);
        share.use(ProcessorShare.SAVED_NANOS_MAX + 1_000_000, 0);
        share.set(1);
        assertThat(share.use(0, 0)).isEqualTo(1_000_000);
        share.set(Double.POSITIVE_INFINITY);
        assertThat(share.use(SECOND, 0)).isZero();
    }

    @Test
    void earnsNothingByAClockThatIsOlder() {
        share.set(1);
        share.use(ProcessorShare.SAVED_NANOS_MAX, 1000);
        assertThat(share.use(10, 500)).isEqualTo(10);
        assertThat(share.use(0, 1004)).isEqualTo(6);
    }

    @Test
    void refusesWhatIsNoPart() {
        assertThatThrownBy(() -> share.set(Double.NaN))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> share.set(-0.1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("share: expected 0 or more, got -0.1");
    }
}
