// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.owner;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The minutes of a week in which something is allowed.
///
/// Written as texts such as `mon-fri 18:00-08:00` or `sat,sun 00:00-24:00`; an end before the
/// beginning lies on the next day. Without any text, everything is allowed.
public final class WeeklyHours {
    /// No restriction.
    public static final WeeklyHours ALWAYS = of(List.of());

    /// More than anybody needs for seven days.
    public static final int TEXTS_MAX = 50;

    private static final int DAY_MINUTES = 24 * 60;
    private static final int WEEK_MINUTES = 7 * DAY_MINUTES;
    private static final List<String> DAYS =
            List.of("mon", "tue", "wed", "thu", "fri", "sat", "sun");
    private static final Pattern TEXT =
            Pattern.compile(
                    "([a-z]{3}(?:[-,][a-z]{3})*) ([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})");

    private final BitSet minutes;
    private final List<String> texts;

    private WeeklyHours(BitSet minutes, List<String> texts) {
        this.minutes = minutes;
        this.texts = List.copyOf(texts);
    }

    /// The hours that the texts name together.
    ///
    /// @throws IllegalArgumentException if one of them is no such text
    public static WeeklyHours of(List<String> texts) {
        BitSet minutes = new BitSet(WEEK_MINUTES);
        if (texts.isEmpty()) {
            minutes.set(0, WEEK_MINUTES);
        }
        for (String text : texts) {
            add(minutes, text);
        }
        return new WeeklyHours(minutes, texts);
    }

    /// Checks one text and returns it.
    ///
    /// @throws IllegalArgumentException if it is wrong
    public static String check(String text) {
        add(new BitSet(WEEK_MINUTES), text);
        return text;
    }

    /// Whether the moment lies within.
    public boolean contains(LocalDateTime moment) {
        return minutes.get(minuteOfWeek(moment));
    }

    /// Whether anything is excluded.
    public boolean restricts() {
        return minutes.cardinality() < WEEK_MINUTES;
    }

    /// How long from the moment until it is different; a week if it never is.
    public Duration untilChange(LocalDateTime moment) {
        int now = minuteOfWeek(moment);
        int minute = 1;
        while (minute < WEEK_MINUTES
                && minutes.get((now + minute) % WEEK_MINUTES) == minutes.get(now)) {
            minute++;
        }
        LocalDateTime whole = moment.truncatedTo(ChronoUnit.MINUTES);
        return Duration.between(moment, whole.plusMinutes(minute));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof WeeklyHours hours && hours.minutes.equals(minutes);
    }

    @Override
    public int hashCode() {
        return minutes.hashCode();
    }

    @Override
    public String toString() {
        return texts.isEmpty() ? "always" : String.join(", ", texts);
    }

    private static void add(BitSet minutes, String text) {
        Matcher parts = TEXT.matcher(text.toLowerCase(Locale.ROOT));
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "expected days and hours such as \"mon-fri 18:00-08:00\", got " + text);
        }
        int from = minuteOfDay(parts.group(2), parts.group(3), text);
        int to = minuteOfDay(parts.group(4), parts.group(5), text);
        if (from == to || from == DAY_MINUTES) {
            throw new IllegalArgumentException(
                    "expected an end after the beginning such as 00:00-24:00, got " + text);
        }
        int length = to > from ? to - from : to + DAY_MINUTES - from;
        for (int day : days(parts.group(1), text)) {
            for (int i = 0; i < length; i++) {
                minutes.set((day * DAY_MINUTES + from + i) % WEEK_MINUTES);
            }
        }
    }

    private static List<Integer> days(String names, String text) {
        List<Integer> days = new ArrayList<>();
        for (String part : names.split(",", -1)) {
            String[] ends = part.split("-", -1);
            int first = DAYS.indexOf(ends[0]);
            int last = DAYS.indexOf(ends[ends.length - 1]);
            if (first < 0 || last < 0 || ends.length > 2) {
                throw new IllegalArgumentException(
                        "expected days of " + String.join(", ", DAYS) + ", got " + text);
            }
            for (int day = first; ; day = (day + 1) % 7) {
                days.add(day);
                if (day == last) {
                    break;
                }
            }
        }
        return days;
    }

    private static int minuteOfDay(String hour, String minute, String text) {
        int all = Integer.parseInt(hour) * 60 + Integer.parseInt(minute);
        if (Integer.parseInt(minute) > 59 || all > DAY_MINUTES) {
            throw new IllegalArgumentException("expected times from 00:00 to 24:00, got " + text);
        }
        return all;
    }

    private static int minuteOfWeek(LocalDateTime moment) {
        int day = moment.getDayOfWeek().getValue() - DayOfWeek.MONDAY.getValue();
        return day * DAY_MINUTES + moment.getHour() * 60 + moment.getMinute();
    }
}
