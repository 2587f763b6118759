// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.lease;

import java.time.Duration;
import java.time.Instant;
import org.sparegrid.protocol.market.Usage;

/// What of a seller's meter readings is billable.
///
/// An agent's clock is never trusted beyond the coordinator's own: since the machine came onto the
/// network, and since the last reading, no more time can be billed than passed here, plus
/// [#TOLERANCE] for messages under way.
///
/// @param usage the last accepted reading
/// @param billableMillis what of it is billable
/// @param started when the machine came onto the network
/// @param accepted when the last reading was accepted, at first `started`
public record Meter(Usage usage, long billableMillis, Instant started, Instant accepted) {
    /// How much a reading may be ahead of the coordinator's clock.
    public static final Duration TOLERANCE = Duration.ofSeconds(2);

    /// The meter of a machine that just came onto the network.
    public static Meter startedAt(Instant now) {
        return new Meter(Usage.NONE, 0, now, now);
    }

    /// Takes a reading that [#accepts].
    ///
    /// @param secondsMax the order's time, which is never exceeded
    public Meter after(Usage reading, Instant now, long secondsMax) {
        if (!accepts(reading)) {
            throw new IllegalArgumentException("meter: a reading went backwards");
        }
        long tolerance = TOLERANCE.toMillis();
        long sinceLast = Math.max(0, Duration.between(accepted, now).toMillis());
        long sinceStart = Math.max(0, Duration.between(started, now).toMillis());
        long most = Math.min(billableMillis + sinceLast + tolerance, sinceStart + tolerance);
        long billable = Math.min(Math.min(reading.runMillis(), most), secondsMax * 1000);
        Instant latest = now.isAfter(accepted) ? now : accepted;
        return new Meter(reading, Math.max(billableMillis, billable), started, latest);
    }

    /// Whether no total of the reading is below the last one.
    public boolean accepts(Usage reading) {
        return reading.isAfter(usage);
    }

    /// What is billed, in whole seconds.
    public long billedSeconds() {
        return billableMillis / 1000;
    }
}
