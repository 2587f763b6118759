// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

import org.jspecify.annotations.Nullable;

/// Lets one peer after the other be looked for at random ports, so that the bound on such pings
/// holds for the whole process. Safe for many threads.
public final class BurstTurn {
    private @Nullable Birthday holder;
    private long untilNanos = Trial.NEVER;

    private volatile boolean forbidden;

    /// A turn that nobody has.
    public BurstTurn() {}

    /// Says whether ports may be guessed at all, and opened for those who guess.
    public void forbid(boolean never) {
        forbidden = never;
    }

    boolean isForbidden() {
        return forbidden;
    }

    /// Takes the turn for a while, unless another has it.
    synchronized boolean take(Birthday who, long nowNanos, long lastsNanos) {
        if (holder != null && !holder.equals(who) && nowNanos < untilNanos) {
            return false;
        }
        holder = who;
        untilNanos = nowNanos + lastsNanos;
        return true;
    }

    /// Gives the turn back, if it is `who`'s.
    synchronized void leave(Birthday who) {
        if (who.equals(holder)) {
            holder = null;
        }
    }
}
