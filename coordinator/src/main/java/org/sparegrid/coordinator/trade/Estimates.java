// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.sparegrid.coordinator.market.Match;
import org.sparegrid.coordinator.market.formula.Interruptions;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.SellerId;

/// What the leases so far let us expect of the next ones.
///
/// @param startSeconds how long a start takes: the median of the last ones, 0 if there were none
/// @param interruptions how many of the order's machines to lose before its time is over
record Estimates(long startSeconds, double interruptions) {
    /// Starts that count; older ones say little.
    private static final int STARTS_MAX = 200;

    /// Leases of before don't count.
    private static final Duration MEMORY = Duration.ofDays(90);

    private static final double SECONDS_PER_HOUR = 3600;

    static Estimates of(Transaction tx, Match match, long secondsMax, Instant now) {
        List<Long> starts = tx.leases().startMillis(STARTS_MAX).stream().sorted().toList();
        Map<SellerId, Interruptions> bySeller = tx.sellerDays().interruptions(now.minus(MEMORY));
        Interruptions all =
                bySeller.values().stream().reduce(Interruptions.NONE, Interruptions::plus);
        double hours = secondsMax / SECONDS_PER_HOUR;
        double expected = 0;
        for (Match.Taken taken : match.slots()) {
            expected +=
                    hours
                            * bySeller.getOrDefault(taken.from().seller(), Interruptions.NONE)
                                    .perHour(all);
        }
        return new Estimates(
                starts.isEmpty() ? 0 : Math.ceilDiv(starts.get(starts.size() / 2), 1000L),
                expected);
    }
}
