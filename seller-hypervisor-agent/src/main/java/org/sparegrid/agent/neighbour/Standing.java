// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.neighbour;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a neighbour has been good for with one image; once left it stays so. One thread at a time.
final class Standing {
    /// So often in a row a neighbour may fail: it may have been restarted.
    static final int FAILURES_MAX = 3;

    /// So often in a row a neighbour may have nothing that it was to fetch.
    static final int REFUSALS_MAX = 8;

    /// What one neighbour may cost guests that wait.
    static final Duration DELAY_MAX = Duration.ofSeconds(10);

    private final Patience patience = new Patience(DELAY_MAX.toNanos());
    private int failures;
    private int refusals;
    private @Nullable String left;

    /// Why it isn't asked any more, if it isn't.
    Optional<String> left() {
        return Optional.ofNullable(left);
    }

    /// It gave a chunk.
    void gave() {
        failures = 0;
        refusals = 0;
    }

    /// It says that it has nothing.
    ///
    /// @param due whether it was to fetch it
    void refused(boolean due) {
        failures = 0;
        if (due && ++refusals >= REFUSALS_MAX) {
            leave("it had nothing " + REFUSALS_MAX + " times in a row");
        }
    }

    /// It could not be reached, broke off, or took too long.
    void failed(String why) {
        if (++failures >= FAILURES_MAX) {
            leave(why);
        }
    }

    /// It gave something else.
    void wrong(String what) {
        leave(what);
    }

    /// A guest waited for it, with or without success.
    void waited(long tookNanos, long usualNanos) {
        patience.waited(tookNanos, usualNanos);
        if (patience.isLost()) {
            leave("it is slower than the store");
        }
    }

    private void leave(String why) {
        if (left == null) {
            left = why;
        }
    }
}
