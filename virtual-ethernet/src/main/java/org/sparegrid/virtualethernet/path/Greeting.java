// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

/// When to tell a peer that we have come: it may be trying to reach us since before, and repeats a
/// handshake only every five seconds.
final class Greeting {
    /// A second one, in case the first is lost.
    private static final int TIMES = 2;

    private static final long PAUSE_NANOS = 1_000_000_000L;

    private int said;
    private long saidNanos = Trial.NEVER;
    private boolean heard;

    /// Whether the peer may not know yet.
    boolean isOpen() {
        return said < TIMES;
    }

    boolean isDue(long nowNanos) {
        return isOpen() && nowNanos - saidNanos >= PAUSE_NANOS;
    }

    void said(long nowNanos) {
        said++;
        saidNanos = nowNanos;
    }

    /// The peer has been heard; what it gets in return tells it.
    void end() {
        said = TIMES;
        heard = true;
    }

    /// Whether the peer is one that probes.
    boolean isHeard() {
        return heard;
    }
}
