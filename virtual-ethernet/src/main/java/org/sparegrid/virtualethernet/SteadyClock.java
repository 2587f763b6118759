// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.time.Instant;

/// The one clock of a process's overlay: begins near zero and never steps back.
final class SteadyClock {
    private final Instant start = Instant.now();
    private final long startNanos = System.nanoTime();

    long nowNanos() {
        return System.nanoTime() - startNanos;
    }

    Instant start() {
        return start;
    }
}
