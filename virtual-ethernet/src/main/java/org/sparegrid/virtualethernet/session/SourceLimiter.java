// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.session;

import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;

/// Limits the handshakes that one address may cause while the port is under load.
final class SourceLimiter {
    /// Initiations per second and address: more than any honest group of peers behind one NAT.
    static final int PER_SECOND = 20;

    /// Initiations at once.
    static final int BURST = 5;

    /// Addresses remembered; the one unheard longest is forgotten first.
    static final int SOURCES_MAX = 4096;

    private static final long COST_NANOS = 1_000_000_000L / PER_SECOND;

    /// Time at which the source's bucket is full again.
    private final Map<InetAddress, Long> fullAt =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<InetAddress, Long> eldest) {
                    return size() > SOURCES_MAX;
                }
            };

    boolean allows(InetAddress source, long nowNanos) {
        long full = Math.max(nowNanos, fullAt.getOrDefault(source, 0L));
        if (full - nowNanos > (BURST - 1) * COST_NANOS) {
            return false;
        }
        fullAt.put(source, full + COST_NANOS);
        return true;
    }
}
