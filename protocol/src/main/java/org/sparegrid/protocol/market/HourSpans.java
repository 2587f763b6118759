// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// Hours of the week as people write them: `mon-fri 18-24, sat, sun`, in UTC.
///
/// A span of days goes around the end of the week, and a span of hours into the next day: `fri
/// 22-6` ends on Saturday at six.
final class HourSpans {
    private static final List<String> DAYS =
            List.of("mon", "tue", "wed", "thu", "fri", "sat", "sun");
    private static final Pattern SPAN =
            Pattern.compile(
                    "(D)(-(D))?".replace("D", String.join("|", DAYS)), Pattern.CASE_INSENSITIVE);
    private static final int DAY = 24;

    private HourSpans() {}

    /// Whether a text is a day or a span of days.
    static boolean areDays(String text) {
        return SPAN.matcher(text).matches();
    }

    /// The hours of one span.
    ///
    /// @param days such as `mon` or `mon-fri`
    /// @param times such as `18-24`, or empty for the whole day
    /// @throws IllegalArgumentException saying what was expected of the times instead
    static WeekHours read(String days, String times) {
        String lower = days.toLowerCase(Locale.ROOT);
        int first = DAYS.indexOf(lower.substring(0, 3));
        int last = DAYS.indexOf(lower.substring(lower.length() - 3));
        int from = 0;
        int count = DAY;
        if (!times.isEmpty()) {
            if (!times.matches("[0-9]{1,2}-[0-9]{1,2}")) {
                throw new IllegalArgumentException("expected hours such as 18-24");
            }
            from = Integer.parseInt(times.substring(0, times.indexOf('-')));
            int to = Integer.parseInt(times.substring(times.indexOf('-') + 1));
            if (from >= DAY || to > DAY || from == to) {
                throw new IllegalArgumentException("expected two different hours from 0 to 24");
            }
            count = Math.floorMod(to - from, DAY) == 0 ? DAY : Math.floorMod(to - from, DAY);
        }
        WeekHours hours = WeekHours.NONE;
        for (int day = first; ; day = (day + 1) % DAYS.size()) {
            for (int hour = 0; hour < count; hour++) {
                hours = hours.with((day * DAY + from + hour) % WeekHours.COUNT);
            }
            if (day == last) {
                return hours;
            }
        }
    }

    /// Spans that read as these hours.
    static String write(WeekHours hours) {
        List<String> ofDays = new ArrayList<>();
        for (int day = 0; day < DAYS.size(); day++) {
            ofDays.add(timesOf(hours, day));
        }
        List<String> spans = new ArrayList<>();
        for (int day = 0; day < DAYS.size(); ) {
            int next = day + 1;
            while (next < DAYS.size() && ofDays.get(next).equals(ofDays.get(day))) {
                next++;
            }
            String days = DAYS.get(day) + (next == day + 1 ? "" : "-" + DAYS.get(next - 1));
            for (String times : ofDays.get(day).split(";", -1)) {
                if (!times.equals("-")) {
                    spans.add(times.isEmpty() ? days : days + " " + times);
                }
            }
            day = next;
        }
        return String.join(", ", spans);
    }

    /// One day's spans between semicolons: nothing for all of it, a dash for none of it.
    private static String timesOf(WeekHours hours, int day) {
        List<String> spans = new ArrayList<>();
        for (int hour = 0; hour < DAY; ) {
            int from = hour;
            while (hour < DAY && hours.contains(day * DAY + hour)) {
                hour++;
            }
            if (hour > from) {
                spans.add(from + "-" + hour);
            } else {
                hour++;
            }
        }
        String all = String.join(";", spans);
        return all.isEmpty() ? "-" : all.equals("0-24") ? "" : all;
    }
}
