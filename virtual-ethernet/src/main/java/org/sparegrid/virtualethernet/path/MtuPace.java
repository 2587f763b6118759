// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

/// How often what a path carries is confirmed, by the longest pings there are: the more paths are
/// in use, the more rarely each.
final class MtuPace {
    /// A way that became narrower is noticed within 5 s.
    private static final long DIRECT_NANOS = 3_000_000_000L;

    /// The same through a relay, where others pay for each.
    private static final long RELAYED_NANOS = 10_000_000_000L;

    /// At most 20 confirmations a second for all paths of an attachment, which are 30 kB.
    private static final long EACH_NANOS = 50_000_000L;

    private int paths;

    /// Sets how many paths are in use.
    void paths(int inUse) {
        paths = inUse;
    }

    /// The pause until the next confirmation of one path.
    long nanos(boolean relayed) {
        return Math.max(relayed ? RELAYED_NANOS : DIRECT_NANOS, paths * EACH_NANOS);
    }
}
