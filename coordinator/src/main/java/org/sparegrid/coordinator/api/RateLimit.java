// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.api;

import java.util.LinkedHashMap;
import java.util.Map;

/// A token bucket for each client address, against guessing of passwords and tokens.
final class RateLimit {
    /// Addresses that are remembered; the longest unseen is forgotten first.
    private static final int ADDRESSES_MAX = 100_000;

    private final int burst;
    private final long nanosPerToken;

    private final Map<String, Bucket> buckets =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
                    return size() > ADDRESSES_MAX;
                }
            };

    private record Bucket(double tokens, long atNanos) {}

    /// @param burst how many requests may come at once
    /// @param perMinute how many may come in the long run
    RateLimit(int burst, int perMinute) {
        this.burst = burst;
        this.nanosPerToken = 60_000_000_000L / perMinute;
    }

    /// Whether one more request of that address is welcome at that time.
    synchronized boolean admits(String address, long nowNanos) {
        Bucket before = buckets.getOrDefault(address, new Bucket(burst, nowNanos));
        double tokens =
                Math.min(
                        burst,
                        before.tokens + (double) (nowNanos - before.atNanos) / nanosPerToken);
        boolean admitted = tokens >= 1;
        buckets.put(address, new Bucket(admitted ? tokens - 1 : tokens, nowNanos));
        return admitted;
    }
}
