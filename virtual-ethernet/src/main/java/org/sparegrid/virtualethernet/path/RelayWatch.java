// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

/// What pings through a relay tell of the way to one peer.
final class RelayWatch {
    /// A ping that is not answered for so long casts doubt on the relay.
    private static final long DOUBT_NANOS = 1_500_000_000L;

    /// How long to wait for the answer to a call, when the way to the peer is not known better.
    private static final long LEAD_NANOS = 500_000_000L;

    private static final long LEAD_MIN_NANOS = 250_000_000L;
    private static final long LEAD_MAX_NANOS = 1_000_000_000L;

    private long roundTripNanos = -1;
    private long pingedNanos = Trial.NEVER;
    private long answeredNanos = Trial.NEVER;

    void pinged(long nowNanos) {
        pingedNanos = nowNanos;
    }

    void answered(long tookNanos, long nowNanos) {
        roundTripNanos = tookNanos;
        answeredNanos = nowNanos;
    }

    /// Of the newest ping that was answered; negative if none was.
    long roundTripNanos() {
        return roundTripNanos;
    }

    boolean isDue(long everyNanos, long nowNanos) {
        return nowNanos - pingedNanos >= everyNanos;
    }

    /// Whether the newest ping should have been answered by now.
    boolean isDoubtful(long nowNanos) {
        return pingedNanos > answeredNanos && nowNanos - pingedNanos >= DOUBT_NANOS;
    }

    /// When to ping though no answer to a call has come: it takes one way there and back.
    long leadNanos() {
        return roundTripNanos < 0
                ? LEAD_NANOS
                : Math.clamp(roundTripNanos * 2, LEAD_MIN_NANOS, LEAD_MAX_NANOS);
    }
}
