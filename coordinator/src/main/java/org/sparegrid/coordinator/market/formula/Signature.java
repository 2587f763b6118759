// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.formula;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/// When in a week a provider is usually there (F10). Immutable.
///
/// @param bins its availability in each interval of the cycle, at least one
/// @param interval how long each of them lasts
public record Signature(List<Availability> bins, Duration interval) {
    /// The hours of a week.
    public static final int WEEK_HOURS = 168;

    /// The weight of the newest week against all that was known before.
    private static final double NEWEST = 0.3;

    private static final double NANOS_PER_HOUR = 3.6e12;

    public Signature {
        bins = List.copyOf(bins);
        if (bins.isEmpty() || interval.isNegative() || interval.isZero()) {
            throw new IllegalArgumentException(
                    "signature: expected at least one bin of some length");
        }
    }

    /// A week about which only one thing is known.
    public static Signature week(Availability always) {
        return new Signature(
                java.util.Collections.nCopies(WEEK_HOURS, always), Duration.ofHours(1));
    }

    /// The signature after one more cycle, whose bins count by an exponentially fading average.
    ///
    /// @param seen what was measured in each interval
    public Signature after(List<Availability> seen) {
        if (seen.size() != bins.size()) {
            throw new IllegalArgumentException(
                    "signature: expected " + bins.size() + " bins, got " + seen.size());
        }
        List<Availability> next = new ArrayList<>();
        for (int i = 0; i < bins.size(); i++) {
            next.add(
                    new Availability(
                            mixed(bins.get(i).cpu(), seen.get(i).cpu()),
                            mixed(bins.get(i).bandwidth(), seen.get(i).bandwidth())));
        }
        return new Signature(next, interval);
    }

    private static double mixed(double old, double newest) {
        return Math.clamp(old + NEWEST * (newest - old), 0, 1);
    }

    /// The average availability of the processor from `start` on.
    ///
    /// @param start after the begin of the cycle
    /// @param length how long; above 0
    public double cpuOver(Duration start, Duration length) {
        double from = intervals(start);
        double to = from + intervals(length);
        double sum = 0;
        for (double at = from; at < to; ) {
            double end = Math.min(to, Math.floor(at) + 1);
            sum += (end - at) * at(at).cpu();
            at = end;
        }
        return sum / (to - from);
    }

    /// How long a task takes that is begun at `start`: the data comes, it is computed, the result
    /// goes. Nothing if it will never be done.
    ///
    /// @param start after the begin of the cycle
    public Optional<Duration> completion(Task task, Node node, Duration start) {
        double from = intervals(start);
        double perInterval = interval.toNanos() / NANOS_PER_HOUR;
        double line = node.bandwidth().gigabytesPerHour() * perInterval;
        double fetched = walk(from, task.in().gigabytes(), line, Availability::bandwidth);
        double computed =
                walk(fetched, task.scuHours(), node.speed().scu() * perInterval, Availability::cpu);
        double sent = walk(computed, task.out().gigabytes(), line, Availability::bandwidth);
        return Completion.duration((sent - from) * perInterval);
    }

    /// When `amount` is done that is begun at `from`, in intervals; infinite if never.
    private double walk(
            double from, double amount, double rate, ToDoubleFunction<Availability> share) {
        if (amount == 0 || Double.isInfinite(from)) {
            return from;
        }
        double perCycle = rate * bins.stream().mapToDouble(share).sum();
        if (!(perCycle > 0)) {
            return Double.POSITIVE_INFINITY;
        }
        // All but the last cycles at once; one is kept so that the loop ends within the rest.
        double cycles = Math.max(0, Math.floor(amount / perCycle) - 1);
        double at = from + cycles * bins.size();
        double left = amount - cycles * perCycle;
        for (int steps = 0; steps <= 3 * bins.size(); steps++) {
            double end = Math.floor(at) + 1;
            double able = rate * share.applyAsDouble(at(at));
            if (able > 0 && able * (end - at) >= left) {
                return at + left / able;
            }
            left -= able * (end - at);
            at = end;
        }
        return at;
    }

    private Availability at(double intervals) {
        return bins.get((int) (Math.floor(intervals) % bins.size()));
    }

    private double intervals(Duration time) {
        return (double) time.toNanos() / interval.toNanos();
    }
}
