// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

import java.net.InetSocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What pings through a relay tell of the way to one peer.
final class RelayWatch {
    /// A ping that is not answered for so long casts doubt on the relay.
    private static final long DOUBT_NANOS = 1_500_000_000L;

    /// How long to wait for the answer to a call, when the way to the peer is not known better.
    private static final long ANSWER_NANOS = 500_000_000L;

    private static final long ANSWER_MIN_NANOS = 500_000_000L;
    private static final long ANSWER_MAX_NANOS = 1_000_000_000L;

    /// A session through which nothing has come for this long may be none any more.
    private static final long HEARD_NANOS = 45_000_000_000L;

    private @Nullable InetSocketAddress heard;
    private long heardNanos = Trial.NEVER;
    private long roundTripNanos = -1;
    private long pingedNanos = Trial.NEVER;
    private long answeredNanos = Trial.NEVER;

    /// The peer has used this session.
    void heard(InetSocketAddress session, long nowNanos) {
        heard = session;
        heardNanos = nowNanos;
    }

    /// The session that the peer has used lately, if any.
    Optional<InetSocketAddress> heard(long nowNanos) {
        return nowNanos - heardNanos < HEARD_NANOS ? Optional.ofNullable(heard) : Optional.empty();
    }

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

    /// How long the answer to a call may take: one way there and back, and as much again.
    long answerNanos() {
        return roundTripNanos < 0
                ? ANSWER_NANOS
                : Math.clamp(roundTripNanos * 2, ANSWER_MIN_NANOS, ANSWER_MAX_NANOS);
    }
}
