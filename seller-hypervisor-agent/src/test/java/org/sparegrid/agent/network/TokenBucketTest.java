// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.network;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TokenBucketTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void letsEverythingThroughWithoutALimit() {
        TokenBucket bucket = new TokenBucket();
        bucket.rate(0, 0);
        for (int i = 0; i < 1000; i++) {
            assertThat(bucket.take(1500, i)).isTrue();
            assertThat(bucket.reserve(1500, i)).isZero();
        }
    }

    @Test
    void keepsToItsRateWhenItDrops() {
        TokenBucket bucket = new TokenBucket();
        bucket.rate(8_000_000, 0);
        long passed = 0;
        for (long now = 0; now < 10 * SECOND; now += 100_000) {
            passed += bucket.take(1500, now) ? 1500 : 0;
        }
        assertThat(passed).isBetween(9_500_000L, 10_500_000L);
    }

    @Test
    void keepsToItsRateWhenItWaits() {
        TokenBucket bucket = new TokenBucket();
        bucket.rate(8_000_000, 0);
        long now = 0;
        long passed = 0;
        while (now < 10 * SECOND) {
            now += bucket.reserve(1500, now);
            passed += 1500;
        }
        assertThat(passed).isBetween(9_500_000L, 10_500_000L);
    }

    @Test
    void takesANewRateAtOnce() {
        TokenBucket bucket = new TokenBucket();
        bucket.rate(0, 0);
        assertThat(bucket.take(1 << 20, 0)).isTrue();
        bucket.rate(8000, SECOND);
        assertThat(bucket.take(1500, SECOND)).isFalse();
        assertThat(bucket.take(1000, 2 * SECOND)).isTrue();
        assertThat(bucket.take(1000, 2 * SECOND)).isFalse();
    }
}
