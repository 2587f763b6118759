// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selling;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.sparegrid.agent.benchmark.Figures;
import org.sparegrid.agent.benchmark.ProcessorKind;
import org.sparegrid.agent.config.Settings;
import org.sparegrid.agent.config.Site;
import org.sparegrid.agent.owner.WeeklyHours;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.AskTraits;
import org.sparegrid.protocol.market.WeekHours;

/// What the agent says of its computer besides price and size.
final class Traits {
    private static final int MINUTES_AN_HOUR = 60;

    /// The most that an ask can say.
    private static final int KILOBITS_MAX = 100_000_000;

    private Traits() {}

    /// A seller who announces addresses has opened the port there.
    static AskTraits of(Settings settings, Instant now, ZoneId zone) {
        return new AskTraits(
                settings.site().country(),
                ProcessorKind.ofThisComputer(),
                settings.site().upKilobits(),
                settings.site().downKilobits(),
                settings.site().networkFee(),
                !settings.endpoints().isEmpty(),
                settings.site().pool(),
                hours(settings.owner().hours(), now, zone),
                settings.volumes().offer());
    }

    /// The ask for another price.
    static Ask priced(Ask ask, Credits price) {
        return new Ask(
                ask.name(),
                ask.slots(),
                ask.size(),
                price,
                ask.acceleration(),
                ask.accelerationReason(),
                ask.cpuScore(),
                ask.agentVersion(),
                ask.traits());
    }

    /// The ask with what a benchmark found. Of the line it is what the owner doesn't say.
    static Ask measured(Ask ask, Settings settings, Optional<Figures> measured) {
        if (measured.isEmpty()) {
            return ask;
        }
        Figures figures = measured.get();
        AskTraits traits = ask.traits();
        Site site = settings.site();
        return new Ask(
                ask.name(),
                ask.slots(),
                ask.size(),
                ask.pricePerHour(),
                ask.acceleration(),
                ask.accelerationReason(),
                figures.figure(Figures.ONE_CORE)
                        .map(core -> score(core.median(), settings))
                        .orElse(ask.cpuScore()),
                ask.agentVersion(),
                new AskTraits(
                        traits.country(),
                        traits.hardware(),
                        site.upKilobits() > 0 ? site.upKilobits() : kilobits(figures, Figures.SEND),
                        site.downKilobits() > 0
                                ? site.downKilobits()
                                : kilobits(figures, Figures.RECEIVE),
                        traits.networkFeePerGigabyte(),
                        traits.openUdp(),
                        traits.pool(),
                        traits.hours(),
                        traits.volumes()));
    }

    /// What a guest gets of a core's score when nobody is here.
    static int score(double points, Settings settings) {
        return (int) Math.round(points * settings.owner().idle().cpuPercent() / 100);
    }

    private static int kilobits(Figures figures, String name) {
        return figures.figure(name)
                .map(line -> (int) Math.min(KILOBITS_MAX, Math.round(line.median())))
                .orElse(0);
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
