// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.energy;

import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.sparegrid.protocol.Credits;

/// What leases earned and cost so far, as this computer reckons it; the account's ledger decides.
///
/// @param earned by leases that are over
/// @param energy what all leases cost in energy
/// @param live the leases that run
public record Earnings(Credits earned, Credits energy, Map<String, Live> live) {
    /// Nothing yet.
    public static final Earnings NONE = new Earnings(Credits.ZERO, Credits.ZERO, Map.of());

    /// Copies the map, in the order of its keys.
    public Earnings {
        live = java.util.Collections.unmodifiableMap(new TreeMap<>(live));
    }

    /// A lease that runs.
    ///
    /// @param paidMillis its meter
    /// @param busyNanos its processors' time
    /// @param perHour its price
    public record Live(long paidMillis, long busyNanos, Credits perHour) {
        private Credits earned() {
            return perHour.perHourFor(paidMillis / 1000);
        }
    }

    /// What one lease's meter shows.
    ///
    /// @param processors how many processors make a slot
    public record Reading(long paidMillis, long busyNanos, int processors) {}

    /// What is so after a look at all leases.
    ///
    /// @param perHour the price of leases that are new
    public Earnings after(
            Map<String, Reading> now, Credits perHour, Tariff tariff, LocalDateTime moment) {
        Credits closed = earned;
        for (Map.Entry<String, Live> before : live.entrySet()) {
            if (!now.containsKey(before.getKey())) {
                closed = closed.plus(before.getValue().earned());
            }
        }
        Credits burnt = energy;
        Map<String, Live> next = new HashMap<>();
        for (Map.Entry<String, Reading> each : now.entrySet()) {
            Reading reading = each.getValue();
            Live before = live.getOrDefault(each.getKey(), new Live(0, 0, perHour));
            long busyNanos = Math.max(0, reading.busyNanos() - before.busyNanos());
            long slotMillis = busyNanos / 1_000_000 / Math.max(1, reading.processors());
            burnt = burnt.plus(tariff.cost(slotMillis, moment));
            next.put(
                    each.getKey(),
                    new Live(reading.paidMillis(), reading.busyNanos(), before.perHour()));
        }
        return new Earnings(closed, burnt, next);
    }

    /// What all leases earned.
    public Credits gross() {
        Credits sum = earned;
        for (Live each : live.values()) {
            sum = sum.plus(each.earned());
        }
        return sum;
    }

    /// What is left of it.
    public Credits net() {
        return gross().minus(energy);
    }
}
