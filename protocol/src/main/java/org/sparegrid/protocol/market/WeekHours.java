// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;

/// Some of the 168 hours of a week; hour 0 begins on Monday at midnight UTC.
///
/// As text it is 42 hexadecimal digits: three numbers of 16, 16 and 10 digits, whose lowest bits
/// are the hours 0, 64 and 128.
///
/// @param first the hours 0 to 63, the lowest bit being hour 0
/// @param second the hours 64 to 127
/// @param third the hours 128 to 167; the higher bits are 0
public record WeekHours(long first, long second, long third) {
    /// How many there are.
    public static final int COUNT = 168;

    private static final long THIRD_MASK = (1L << (COUNT - 128)) - 1;

    /// The whole week.
    public static final WeekHours ALL = new WeekHours(-1, -1, THIRD_MASK);

    /// No hour at all.
    public static final WeekHours NONE = new WeekHours(0, 0, 0);

    public WeekHours {
        if ((third & ~THIRD_MASK) != 0) {
            throw new IllegalArgumentException("hours: expected 168 of them, got more");
        }
    }

    /// Reads the 42 digits.
    ///
    /// @throws IllegalArgumentException if it isn't 42 lower-case hexadecimal digits
    public static WeekHours parse(String text) {
        if (!text.matches("[0-9a-f]{42}")) {
            throw new IllegalArgumentException(
                    "hours: expected 42 hexadecimal digits, got " + text.length() + " characters");
        }
        return new WeekHours(
                Long.parseUnsignedLong(text, 0, 16, 16),
                Long.parseUnsignedLong(text, 16, 32, 16),
                Long.parseUnsignedLong(text, 32, 42, 16));
    }

    /// `count` hours from `from` on, around the end of the week.
    public static WeekHours range(int from, int count) {
        WeekHours hours = NONE;
        for (int i = 0; i < Math.min(count, COUNT); i++) {
            hours = hours.with(Math.floorMod(from + i, COUNT));
        }
        return hours;
    }

    /// Every hour that a stretch of time touches.
    public static WeekHours touchedBy(Instant start, Duration length) {
        long seconds = start.getEpochSecond();
        long end = Math.addExact(seconds, Math.max(1, length.toSeconds()));
        long hours = Math.ceilDiv(end, 3600L) - Math.floorDiv(seconds, 3600L);
        return range(hourOf(start), (int) Math.min(hours, COUNT));
    }

    /// The hour of the week at that time.
    public static int hourOf(Instant time) {
        var utc = time.atOffset(ZoneOffset.UTC);
        return (utc.getDayOfWeek().getValue() - 1) * 24 + utc.getHour();
    }

    /// These hours and one more.
    public WeekHours with(int hour) {
        long bit = 1L << (hour & 63);
        return switch (hour >> 6) {
            case 0 -> new WeekHours(first | bit, second, third);
            case 1 -> new WeekHours(first, second | bit, third);
            default -> new WeekHours(first, second, third | bit);
        };
    }

    public boolean contains(int hour) {
        long word = hour < 64 ? first : hour < 128 ? second : third;
        return (word >>> (hour & 63) & 1) != 0;
    }

    /// Whether all the other's hours are among these.
    public boolean covers(WeekHours other) {
        return (other.first & ~first) == 0
                && (other.second & ~second) == 0
                && (other.third & ~third) == 0;
    }

    /// How many hours these are.
    public int count() {
        return Long.bitCount(first) + Long.bitCount(second) + Long.bitCount(third);
    }

    /// The 42 digits.
    @Override
    public String toString() {
        return "%016x%016x%010x".formatted(first, second, third);
    }
}
