// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.neighbour;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntPredicate;
import org.sparegrid.agent.network.TokenBucket;

/// What is sent to neighbours and got from them, within what the owner allows. Any thread may call.
final class Traffic {
    /// What is sent at once: it fits into the smallest bucket.
    static final int PIECE_BYTES = 16_384;

    /// For how long is waited until a piece may pass, before that is asked again.
    private static final long PAUSE_MILLIS = 5;

    private final TokenBucket cap = new TokenBucket();
    private final IntPredicate owner;
    private final AtomicLong sentBytes = new AtomicLong();
    private final AtomicLong gotBytes = new AtomicLong();
    private volatile boolean allowed = true;

    /// @param bitsPerSecond what all neighbours together may be sent, 0 for no limit of its own
    /// @param owner takes bytes from what the owner lets all guests send, if they may pass now
    Traffic(long bitsPerSecond, IntPredicate owner) {
        this.owner = owner;
        cap.rate(bitsPerSecond, System.nanoTime());
    }

    /// Whether the owner's rules let anything pass now.
    boolean isAllowed() {
        return allowed;
    }

    void allow(boolean now) {
        allowed = now;
    }

    void got(int bytes) {
        gotBytes.addAndGet(bytes);
    }

    long gotBytes() {
        return gotBytes.get();
    }

    long sentBytes() {
        return sentBytes.get();
    }

    /// Waits until the bytes may be sent.
    ///
    /// @return false if that would be too late
    boolean send(int bytes, long untilNanos) throws InterruptedException {
        while (!cap.take(bytes, System.nanoTime())) {
            if (!rest(untilNanos)) {
                return false;
            }
        }
        while (!allowed || !owner.test(bytes)) {
            if (!rest(untilNanos)) {
                return false;
            }
        }
        sentBytes.addAndGet(bytes);
        return true;
    }

    private static boolean rest(long untilNanos) throws InterruptedException {
        if (System.nanoTime() - untilNanos >= 0) {
            return false;
        }
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        return true;
    }
}
