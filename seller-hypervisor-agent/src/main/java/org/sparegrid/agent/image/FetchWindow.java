// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.image;

/// How many chunks are fetched ahead at once: enough to fill the link, and so few that a chunk
/// which a guest waits for doesn't queue behind them.
///
/// What a fetch takes longer than the quickest one is time in a queue, or a larger chunk. The
/// window grows while a fetch takes less than twice as long as the quickest, and shrinks from four
/// times on.
///
/// Source: L. Brakmo and L. Peterson, TCP Vegas, 1995, whose window this is, with chunks for
/// packets.
final class FetchWindow {
    /// Fills 100 Mbit/s at 40 ms with chunks of 64 KiB and leaves room above.
    static final int MAX = 16;

    private static final int MIN = 2;

    private long quickestNanos = Long.MAX_VALUE;
    private int size = 4;
    private int sinceChange;

    int size() {
        return size;
    }

    void took(long nanos) {
        quickestNanos = Math.max(1, Math.min(quickestNanos, nanos));
        sinceChange++;
        // A change shows once the fetches that were under way have come.
        if (sinceChange < size) {
            return;
        }
        if (nanos < 2 * quickestNanos) {
            size = Math.min(MAX, size + 1);
            sinceChange = 0;
        } else if (nanos > 4 * quickestNanos) {
            size = Math.max(MIN, size - 1);
            sinceChange = 0;
        }
    }
}
