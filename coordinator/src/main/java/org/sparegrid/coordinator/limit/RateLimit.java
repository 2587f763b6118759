// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.limit;

import java.util.LinkedHashMap;
import java.util.Map;

/// A token bucket for each of those who ask: addresses, accounts, keys or sellers.
public final class RateLimit {
    /// Askers that are remembered; the longest unseen is forgotten first. At 100 bytes each they
    /// take 10 MB.
    private static final int ASKERS_MAX = 100_000;

    private static final long MINUTE_NANOS = 60_000_000_000L;

    private final int burst;
    private final long nanosPerToken;

    private final Map<String, Bucket> buckets =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
                    return size() > ASKERS_MAX;
                }
            };

    private record Bucket(double tokens, long atNanos) {}

    /// @param burst how many requests may come at once
    /// @param perMinute how many may come in the long run; 0 for any number
    public RateLimit(int burst, int perMinute) {
        this.burst = burst;
        this.nanosPerToken = perMinute == 0 ? 0 : MINUTE_NANOS / perMinute;
    }

    /// Takes a token for one more request.
    ///
    /// @return 0 if it is welcome, otherwise after how many seconds one will be
    public synchronized int waitSeconds(String asker, long nowNanos) {
        if (nanosPerToken == 0) {
            return 0;
        }
        Bucket before = buckets.getOrDefault(asker, new Bucket(burst, nowNanos));
        double tokens =
                Math.min(
                        burst,
                        before.tokens + (double) (nowNanos - before.atNanos) / nanosPerToken);
        boolean admitted = tokens >= 1;
        buckets.put(asker, new Bucket(admitted ? tokens - 1 : tokens, nowNanos));
        return admitted ? 0 : (int) Math.ceil((1 - tokens) * nanosPerToken / 1e9);
    }

    /// How many are remembered.
    synchronized int askers() {
        return buckets.size();
    }
}
