// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.sparegrid.coordinator.market.SlotAsk;
import org.sparegrid.coordinator.market.formula.Bandwidth;
import org.sparegrid.coordinator.market.formula.DataSize;
import org.sparegrid.coordinator.market.formula.Interruptions;
import org.sparegrid.coordinator.market.formula.Node;
import org.sparegrid.coordinator.market.formula.Presence;
import org.sparegrid.coordinator.market.formula.Speed;
import org.sparegrid.coordinator.market.formula.Task;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.WeekHours;

/// What the leases so far let us expect of the next ones.
///
/// @param startSeconds how long a start takes: the median of the last ones, 0 if there were none
/// @param interruptions how many of the order's machines to lose before its time is over
/// @param lasting how sure it is that all of its nodes last to the end
/// @param completionSeconds until the work is done, the start included; 0 if that isn't known
record Estimates(long startSeconds, double interruptions, double lasting, long completionSeconds) {
    /// Starts that count; older ones say little.
    private static final int STARTS_MAX = 200;

    /// Leases of before don't count.
    private static final Duration MEMORY = Duration.ofDays(90);

    private static final double SECONDS_PER_HOUR = 3600;
    private static final double MILLIS_PER_SECOND = 1000;
    private static final double NEVER = Double.POSITIVE_INFINITY;
    private static final DataSize NO_DATA = new DataSize(0);

    /// The work is given by the time that it takes, so the speed is of no account.
    private static final Node UNIT = new Node(new Speed(1), new Bandwidth(1));

    static Estimates of(Transaction tx, Choice choice, OrderSpec spec, Instant start, Instant now) {
        List<Long> starts = tx.leases().startMillis(STARTS_MAX).stream().sorted().toList();
        Map<SellerId, Interruptions> bySeller = tx.sellerDays().interruptions(now.minus(MEMORY));
        Interruptions all =
                bySeller.values().stream().reduce(Interruptions.NONE, Interruptions::plus);
        Duration length = Duration.ofSeconds(spec.secondsMax());
        double hours = length.toSeconds() / SECONDS_PER_HOUR;
        double expected = 0;
        // Of each node: how sure it is that all of its machines are lost, and when the first is
        // done.
        Map<Integer, Double> lost = new TreeMap<>();
        Map<Integer, Double> done = new TreeMap<>();
        for (int i = 0; i < choice.ranks().size(); i++) {
            SlotAsk slot = choice.match().slots().get(i).from();
            expected +=
                    hours * bySeller.getOrDefault(slot.seller(), Interruptions.NONE).perHour(all);
            int node = choice.ranks().get(i) % spec.machines();
            lost.merge(
                    node,
                    1 - slot.known().over(start, length).probability(),
                    (first, second) -> first * second);
            done.merge(node, seconds(slot.known().presence(), start, length), Math::min);
        }
        long startSeconds =
                starts.isEmpty() ? 0 : Math.ceilDiv(starts.get(starts.size() / 2), 1000L);
        double last = done.values().stream().mapToDouble(each -> each).max().orElse(NEVER);
        return new Estimates(
                startSeconds,
                expected,
                lost.isEmpty()
                        ? 0
                        : lost.values().stream()
                                .mapToDouble(each -> 1 - each)
                                .reduce(1, (a, b) -> a * b),
                last < NEVER ? startSeconds + Math.round(last) : 0);
    }

    /// How long the work takes a computer that is there as usual.
    private static double seconds(Presence presence, Instant start, Duration length) {
        Task work = new Task(length.toSeconds() / SECONDS_PER_HOUR, NO_DATA, NO_DATA);
        return presence.signature()
                .flatMap(usual -> usual.completion(work, UNIT, sinceMonday(start)))
                .map(took -> took.toMillis() / MILLIS_PER_SECOND)
                .orElse(NEVER);
    }

    private static Duration sinceMonday(Instant time) {
        Instant hour = time.truncatedTo(ChronoUnit.HOURS);
        return Duration.ofHours(WeekHours.hourOf(time)).plus(Duration.between(hour, time));
    }
}
