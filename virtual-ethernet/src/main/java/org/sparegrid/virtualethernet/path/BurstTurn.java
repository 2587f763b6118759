// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

import org.jspecify.annotations.Nullable;

/// Lets one peer after the other be looked for at random ports, so that the bound on such pings
/// holds for the whole process. Safe for many threads.
public final class BurstTurn {
    private @Nullable Birthday holder;
    private long untilNanos = Trial.NEVER;

    /// A turn that nobody has.
    public BurstTurn() {}

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
