// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.crypto;

/// Remembers which counters of a session were seen, within a window that moves with the newest.
///
/// Source: RFC 6479, with blocks of 64 bits.
public final class ReplayWindow {
    private static final int BLOCKS = 128;

    /// How far behind the newest counter a packet may come: one block less than the ring, because
    /// the newest block is being filled. Enough for 8,000 packets reordered in flight.
    public static final int SIZE = (BLOCKS - 1) * Long.SIZE;

    private final long[] ring = new long[BLOCKS];
    private long next;

    /// Whether `counter` is new; asks without remembering. Counters are not negative.
    public boolean isNew(long counter) {
        if (counter >= next) {
            return true;
        }
        if (next - 1 - counter >= SIZE) {
            return false;
        }
        return (ring[block(counter)] & bit(counter)) == 0;
    }

    /// Remembers `counter`, which must be new and authenticated.
    public void remember(long counter) {
        if (counter >= next) {
            moveTo(counter);
            next = counter + 1;
        }
        ring[block(counter)] |= bit(counter);
    }

    private void moveTo(long counter) {
        long newestBlock = next == 0 ? -1 : (next - 1) >>> 6;
        long steps = Math.min((counter >>> 6) - newestBlock, BLOCKS);
        for (long i = 1; i <= steps; i++) {
            ring[(int) ((newestBlock + i) & (BLOCKS - 1))] = 0;
        }
    }

    private static int block(long counter) {
        return (int) (counter >>> 6) & (BLOCKS - 1);
    }

    private static long bit(long counter) {
        return 1L << (counter & 63);
    }
}
