// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.owner;

import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/// A computer that the tests make up, with the rules of its owner. Everything is well at first.
final class Scene {
    Mode mode = Mode.WHEN_IDLE;
    Limits inUse = Limits.NONE;
    Limits idle = Limits.NONE;
    WeeklyHours hours = WeeklyHours.ALWAYS;
    WeeklyHours networkHours = WeeklyHours.ALWAYS;
    boolean allowBattery;
    boolean allowMetered;
    long dailyTransferBytes;
    Duration parkAfter = Duration.ofMinutes(10);
    OwnerOrder order = OwnerOrder.NONE;

    long nowMillis = 1_000_000;
    Presence presence = new Presence(true, true, Duration.ofHours(1), "test");
    boolean onBattery;
    int batteryPercent = 100;
    int celsius = 40;
    int othersCpuPercent;
    int pressurePercent;
    Optional<String> exclusive = Optional.empty();
    boolean metered;
    boolean fullScreen;
    long transferredBytes;
    int guestMemoryPercent = 10;

    /// Monday, 16 November 2026, half past midnight and later as time passes.
    private static final LocalDateTime START = LocalDateTime.of(2026, 11, 16, 0, 30);

    OwnerRules rules() {
        return new OwnerRules(
                mode,
                inUse,
                idle,
                Duration.ofMinutes(3),
                Duration.ofSeconds(30),
                hours,
                networkHours,
                allowBattery,
                40,
                90,
                50,
                20,
                List.of("blender"),
                allowMetered,
                true,
                dailyTransferBytes,
                parkAfter,
                Duration.ofHours(24),
                Duration.ofHours(12));
    }

    Situation situation() {
        LocalDateTime local = START.plusNanos((nowMillis - 1_000_000) * 1_000_000);
        return new Situation(
                nowMillis,
                local.toInstant(ZoneOffset.UTC).toEpochMilli(),
                local,
                presence,
                onBattery,
                batteryPercent,
                celsius,
                othersCpuPercent,
                pressurePercent,
                exclusive,
                metered,
                fullScreen,
                transferredBytes,
                guestMemoryPercent);
    }

    /// The owner touched a key so long ago.
    void touched(Duration ago) {
        presence = new Presence(true, true, ago, "test");
    }

    Governor after(Governor before, Duration passed) {
        nowMillis += passed.toMillis();
        return before.after(rules(), order, situation());
    }

    Governor first() {
        return Governor.FRESH.after(rules(), order, situation());
    }
}
