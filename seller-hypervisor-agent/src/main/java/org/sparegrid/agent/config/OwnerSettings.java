// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.config;

import java.util.List;
import org.sparegrid.agent.config.SettingsReader.Line;
import org.sparegrid.agent.config.SettingsValues.Unit;
import org.sparegrid.agent.energy.Tariff;
import org.sparegrid.agent.owner.Limits;
import org.sparegrid.agent.owner.Mode;
import org.sparegrid.agent.owner.OwnerRules;
import org.sparegrid.agent.owner.WeeklyHours;
import org.sparegrid.protocol.Credits;

/// The owner's rules in the settings file.
final class OwnerSettings {
    /// What they are called, in the order of a new file.
    static final List<Line> LINES =
            List.of(
                    new Line("mode", "\"auto\"  # or always, when-idle, schedule"),
                    new Line("idle-after", "\"3 min\"  # without input"),
                    new Line("grace", "\"30 s\"  # all else must have been well for this long"),
                    new Line(
                            "hours",
                            "[]  # as in \"mon-fri 18:00-08:00\", \"sat,sun 00:00-24:00\""),
                    new Line("network-hours", "[]  # the same for the network"),
                    new Line("in-use-cpu", "100  # percent of the guests' processors"),
                    new Line("in-use-memory", "100  # percent of the computer's memory"),
                    new Line("in-use-receive", "\"0 kbit/s\"  # 0 for no limit"),
                    new Line("in-use-send", "\"0 kbit/s\""),
                    new Line("in-use-disk", "\"0 MiB/s\"  # read and written"),
                    new Line("idle-cpu", "100"),
                    new Line("idle-receive", "\"0 kbit/s\""),
                    new Line("idle-send", "\"0 kbit/s\""),
                    new Line("idle-disk", "\"0 MiB/s\""),
                    new Line("daily-transfer", "\"0 MiB\"  # 0 for no limit"),
                    new Line("on-battery", "false"),
                    new Line("battery-min", "40  # percent, if guests run on battery"),
                    new Line("on-metered", "false  # on networks paid by volume"),
                    new Line("temperature-max", "90  # degrees Celsius, 0 for never"),
                    new Line("others-cpu-max", "0  # percent, 0 for never"),
                    new Line("pressure-max", "20  # percent of the time, 0 for never"),
                    new Line("exclusive", "[]  # programs, as in \"steam\", \"blender\""),
                    new Line("full-screen-freezes", "true"),
                    new Line("park-after", "\"10 min\"  # standing still; 0 s for never"),
                    new Line("stop-after", "\"24 h\"  # standing still; 0 s for never"),
                    new Line("benchmark-interval", "\"12 h\"  # 0 s for never"),
                    new Line("watts", "0  # that a busy slot draws on top; 0 if not known"),
                    new Line("tariff", "\"0\"  # price of a kilowatt-hour"),
                    new Line("tariff-hours", "[]  # as in \"mon-sun 22:00-06:00 0.18\""),
                    new Line("page-port", "0  # of the owner's page on 127.0.0.1, 0 for any"));

    /// The longest span, in seconds: 30 days.
    private static final long SPAN_MAX = 30 * 86_400;

    private OwnerSettings() {}

    static OwnerRules read(SettingsValues values, List<String> faults) {
        Mode mode = values.text("mode", "auto", OwnerSettings::mode);
        WeeklyHours hours =
                WeeklyHours.of(values.texts("hours", WeeklyHours.TEXTS_MAX, WeeklyHours::check));
        if (mode == Mode.SCHEDULE && !hours.restricts()) {
            faults.add("mode: schedule needs the setting hours");
        }
        return new OwnerRules(
                mode,
                limits(values, "in-use", values.number("in-use-memory", 100, 1, 100), 0),
                limits(values, "idle", 100, 1),
                values.span("idle-after", "3 min", 5, 86_400),
                values.span("grace", "30 s", 0, 3600),
                hours,
                WeeklyHours.of(
                        values.texts("network-hours", WeeklyHours.TEXTS_MAX, WeeklyHours::check)),
                values.flag("on-battery", false),
                values.number("battery-min", 40, 0, 100),
                values.number("temperature-max", 90, 0, 150),
                values.number("others-cpu-max", 0, 0, 100),
                values.number("pressure-max", 20, 0, 100),
                values.texts("exclusive", 50, OwnerSettings::program),
                values.flag("on-metered", false),
                values.flag("full-screen-freezes", true),
                values.amount("daily-transfer", "0 MiB", 0, 1L << 30, Unit.MEBIBYTES) << 20,
                values.span("park-after", "10 min", 0, SPAN_MAX),
                values.span("stop-after", "24 h", 0, SPAN_MAX),
                values.span("benchmark-interval", "12 h", 0, SPAN_MAX));
    }

    static Tariff tariff(SettingsValues values) {
        return new Tariff(
                values.number("watts", 0, 0, 100_000),
                values.text("tariff", "0", OwnerSettings::price),
                values.texts("tariff-hours", WeeklyHours.TEXTS_MAX, OwnerSettings::period).stream()
                        .map(Tariff.Period::parse)
                        .toList());
    }

    private static Credits price(String text) {
        Credits price = Credits.parse(text);
        if (price.isNegative()) {
            throw new IllegalArgumentException("expected a price of 0 or more, got " + text);
        }
        return price;
    }

    private static String period(String text) {
        Tariff.Period.parse(text);
        return text;
    }

    private static Limits limits(SettingsValues values, String which, int memory, int cpuLeast) {
        return new Limits(
                values.number(which + "-cpu", 100, cpuLeast, 100),
                memory,
                rate(values, which + "-receive"),
                rate(values, which + "-send"),
                values.amount(which + "-disk", "0 MiB/s", 0, 100_000, Unit.DISK_RATE) << 20);
    }

    private static long rate(SettingsValues values, String key) {
        return values.amount(key, "0 kbit/s", 0, 100_000_000, Unit.RATE) * 1000;
    }

    private static Mode mode(String text) {
        return switch (text) {
            case "auto" -> Mode.AUTO;
            case "always" -> Mode.ALWAYS;
            case "when-idle" -> Mode.WHEN_IDLE;
            case "schedule" -> Mode.SCHEDULE;
            default ->
                    throw new IllegalArgumentException(
                            "expected auto, always, when-idle or schedule, got " + text);
        };
    }

    private static String program(String text) {
        if (!text.matches("[^/\\p{Cntrl}]{1,100}")) {
            throw new IllegalArgumentException("expected a program's file name, got " + text);
        }
        return text;
    }
}
