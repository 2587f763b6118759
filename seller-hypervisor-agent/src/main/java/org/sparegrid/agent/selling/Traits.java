// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selling;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import org.sparegrid.agent.benchmark.ProcessorKind;
import org.sparegrid.agent.config.Settings;
import org.sparegrid.agent.owner.WeeklyHours;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.market.AskTraits;
import org.sparegrid.protocol.market.WeekHours;

/// What the agent says of its computer besides price and size.
final class Traits {
    private static final int MINUTES_AN_HOUR = 60;

    private Traits() {}

    /// A seller who announces addresses has opened the port there. The network is free of charge,
    /// as nothing bills it yet.
    static AskTraits of(Settings settings, Instant now, ZoneId zone) {
        return new AskTraits(
                settings.site().country(),
                ProcessorKind.ofThisComputer(),
                settings.site().upKilobits(),
                settings.site().downKilobits(),
                Credits.ZERO,
                !settings.endpoints().isEmpty(),
                settings.site().pool(),
                hours(settings.owner().hours(), now, zone));
    }

    /// The hours of the week, by UTC, that lie within the owner's hours as a whole.
    static WeekHours hours(WeeklyHours owners, Instant now, ZoneId zone) {
        WeekHours hours = WeekHours.NONE;
        Instant start = now.truncatedTo(ChronoUnit.HOURS);
        for (int i = 0; i < WeekHours.COUNT; i++) {
            Instant hour = start.plus(i, ChronoUnit.HOURS);
            if (isWhole(owners, LocalDateTime.ofInstant(hour, zone))) {
                hours = hours.with(WeekHours.hourOf(hour));
            }
        }
        return hours;
    }

    private static boolean isWhole(WeeklyHours owners, LocalDateTime hour) {
        for (int minute = 0; minute < MINUTES_AN_HOUR; minute++) {
            if (!owners.contains(hour.plusMinutes(minute))) {
                return false;
            }
        }
        return true;
    }
}
