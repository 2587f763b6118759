// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.session;

/// When to announce in the session in use what this endpoint accepts.
final class Announcements {
    /// Announcements in a session before the peer is taken for one that knows none.
    private static final int COUNT_MAX = 4;

    private static final long PAUSE_NANOS = 1_000_000_000L;

    private int left;
    private long dueNanos;

    /// A session has come into use.
    void begin(long nowNanos) {
        left = COUNT_MAX;
        dueNanos = nowNanos;
    }

    void sent(long nowNanos) {
        left--;
        dueNanos = nowNanos + PAUSE_NANOS;
    }

    /// The peer has announced itself.
    ///
    /// @param back whether it has got ours
    void heard(boolean back) {
        if (back) {
            left = 0;
        }
    }

    boolean isDue(long nowNanos) {
        return left > 0 && nowNanos >= dueNanos;
    }
}
