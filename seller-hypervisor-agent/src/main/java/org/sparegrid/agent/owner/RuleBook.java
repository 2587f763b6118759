// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.owner;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Which rules hold guests back at one moment. It remembers nothing.
final class RuleBook {
    /// How much cooler than its limit the computer must be before guests run again.
    static final int CELSIUS_MARGIN = 5;

    private static final String RESUME = "sparegrid-agent resume";

    private final OwnerRules rules;
    private final OwnerOrder order;
    private final Situation seen;
    private final List<Finding> findings = new ArrayList<>();

    private RuleBook(OwnerRules rules, OwnerOrder order, Situation seen) {
        this.rules = rules;
        this.order = order;
        this.seen = seen;
    }

    /// All rules that hold guests back, in the order in which the owner is told of them.
    ///
    /// @param frozen whether guests stand still now: then a sensor must be well below its limit
    static List<Finding> findings(
            OwnerRules rules, OwnerOrder order, Situation seen, boolean frozen) {
        RuleBook book = new RuleBook(rules, order, seen);
        book.order();
        book.hours();
        book.presence();
        book.screen();
        book.power();
        book.load(frozen);
        book.network();
        return book.findings;
    }

    /// The mode in force.
    static Mode mode(OwnerRules rules, OwnerOrder order, Presence presence) {
        if (order.onlyIdle()) {
            return Mode.WHEN_IDLE;
        }
        return rules.mode() == Mode.AUTO
                ? presence.desktop() ? Mode.WHEN_IDLE : Mode.ALWAYS
                : rules.mode();
    }

    /// Whether somebody uses the computer.
    static boolean inUse(OwnerRules rules, Presence presence) {
        return presence.known() && presence.idle().compareTo(rules.idleAfter()) < 0;
    }

    private void order() {
        long now = seen.epochMillis();
        if (order.pauses(now)) {
            boolean forEver = order.pausedUntilEpochMillis() == Long.MAX_VALUE;
            String until = forEver ? "you resume it" : "the pause ends in " + text(pauseLeft(now));
            freeze("pause", "you paused it", until + ", or run: " + RESUME);
        }
    }

    private void hours() {
        if (!rules.hours().contains(seen.localTime())) {
            freeze(
                    "hours",
                    "it is outside your hours (" + rules.hours() + ")",
                    "they begin in " + text(rules.hours().untilChange(seen.localTime())));
        }
        if (!rules.networkHours().contains(seen.localTime())) {
            freeze(
                    "network-hours",
                    "it is outside your hours for the network (" + rules.networkHours() + ")",
                    "they begin in " + text(rules.networkHours().untilChange(seen.localTime())));
        }
    }

    private void presence() {
        Presence presence = seen.presence();
        boolean whenIdle = mode(rules, order, presence) == Mode.WHEN_IDLE;
        if (whenIdle && !presence.known()) {
            freeze(
                    "mode",
                    "guests run only while nobody uses this computer, and nothing here can tell",
                    "see which sources there are: sparegrid-agent doctor;"
                            + " or set mode=always or mode=schedule");
        } else if (inUse(rules, presence)) {
            inUse(whenIdle);
        }
    }

    private void inUse(boolean whenIdle) {
        Presence presence = seen.presence();
        Duration left = rules.idleAfter().minus(presence.idle());
        String why = "somebody uses this computer (" + presence.source() + ")";
        String change = "no input for " + text(left);
        if (whenIdle) {
            freeze(order.onlyIdle() ? "only-idle" : "mode", why, change);
        } else if (rules.inUse().cpuPercent() == 0) {
            freeze("in-use-cpu", why, change);
        } else if (rules.inUse().cpuPercent() < rules.idle().cpuPercent()) {
            findings.add(
                    new Finding(
                            "in-use-cpu",
                            RunState.THROTTLED,
                            rules.inUse().cpuPercent(),
                            why,
                            change));
        }
        if (seen.guestMemoryPercent() > rules.inUse().memoryPercent()) {
            findings.add(
                    new Finding(
                            "in-use-memory",
                            RunState.PARKED,
                            0,
                            why + " and guests take " + seen.guestMemoryPercent() + " % of memory",
                            change));
        }
    }

    private void screen() {
        if (rules.fullScreenFreezes() && seen.fullScreen()) {
            freeze("full-screen", "a window fills the screen", "leave full screen");
        }
        seen.exclusive()
                .ifPresent(program -> freeze("exclusive", program + " runs", "end " + program));
    }

    private void power() {
        if (seen.onBattery() && !rules.onBattery()) {
            freeze("on-battery", "the computer runs on battery", "plug it in");
        } else if (seen.onBattery() && seen.batteryPercent() < rules.batteryPercentMin()) {
            freeze(
                    "battery-min",
                    "the battery is at " + seen.batteryPercent() + " %",
                    "plug it in");
        }
    }

    private void load(boolean frozen) {
        int celsius = rules.celsiusMax() - (frozen ? CELSIUS_MARGIN : 0);
        if (rules.celsiusMax() > 0 && seen.celsius() >= celsius) {
            freeze(
                    "temperature-max",
                    "the computer is at " + seen.celsius() + " C",
                    "it cools below " + (rules.celsiusMax() - CELSIUS_MARGIN) + " C");
        }
        int others = frozen ? rules.othersCpuPercentMax() / 2 : rules.othersCpuPercentMax();
        if (rules.othersCpuPercentMax() > 0 && seen.othersCpuPercent() > others) {
            freeze(
                    "others-cpu-max",
                    "other programs use " + seen.othersCpuPercent() + " % of the processors",
                    "they use less than " + rules.othersCpuPercentMax() / 2 + " %");
        }
        int pressure = frozen ? rules.pressurePercentMax() / 2 : rules.pressurePercentMax();
        if (rules.pressurePercentMax() > 0 && seen.pressurePercent() > pressure) {
            freeze(
                    "pressure-max",
                    "programs wait for memory " + seen.pressurePercent() + " % of the time",
                    "it falls below " + rules.pressurePercentMax() / 2 + " %");
        }
    }

    private void network() {
        if (seen.metered() && !rules.onMetered()) {
            freeze(
                    "on-metered",
                    "this network is paid by volume",
                    "use another network, or set on-metered=true");
        }
        long most = rules.dailyTransferBytes();
        if (most > 0 && seen.transferredTodayBytes() >= most) {
            freeze(
                    "daily-transfer",
                    "guests moved " + (seen.transferredTodayBytes() >> 20) + " MiB today",
                    "it is midnight, or a higher daily-transfer");
        }
    }

    private void freeze(String rule, String why, String change) {
        findings.add(new Finding(rule, RunState.FROZEN, 0, why, change));
    }

    private Duration pauseLeft(long now) {
        return Duration.ofMillis(order.pausedUntilEpochMillis() - now);
    }

    /// A span for people: `2 min 5 s`.
    static String text(Duration span) {
        long seconds = Math.max(1, span.plusMillis(999).toSeconds());
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3600) {
            return seconds / 60 + " min" + (seconds % 60 == 0 ? "" : " " + seconds % 60 + " s");
        }
        return seconds / 3600
                + " h"
                + (seconds / 60 % 60 == 0 ? "" : " " + seconds / 60 % 60 + " min");
    }
}
