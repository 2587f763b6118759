// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.session;

/// Counts the handshake messages of a port and says when they are too many.
public final class LoadMeter {
    private static final long SECOND_NANOS = 1_000_000_000;

    private final int perSecondMax;
    private long windowStartNanos;
    private int inWindow;
    private boolean loaded;

    /// @param perSecondMax messages in a second beyond which the port is under load
    public LoadMeter(int perSecondMax) {
        this.perSecondMax = perSecondMax;
    }

    /// Counts a message. Under load is a second with too many, and the second after it.
    synchronized boolean countAndIsLoaded(long nowNanos) {
        long sinceStart = nowNanos - windowStartNanos;
        if (sinceStart >= SECOND_NANOS) {
            loaded = inWindow > perSecondMax && sinceStart < 2 * SECOND_NANOS;
            windowStartNanos = nowNanos;
            inWindow = 0;
        }
        inWindow++;
        return loaded || inWindow > perSecondMax;
    }
}
