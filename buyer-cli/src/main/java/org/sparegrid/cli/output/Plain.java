// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.output;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.sparegrid.protocol.Credits;

/// Numbers, times and foreign texts as people read them.
public final class Plain {
    private static final int AMOUNT_DECIMALS = 4;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

    private Plain() {}

    /// Bytes with a decimal unit and three digits or so: `116 MB`.
    public static String bytes(long bytes) {
        String[] units = {"B", "kB", "MB", "GB", "TB"};
        double value = bytes;
        int unit = 0;
        while (value >= 999.5 && unit < units.length - 1) {
            value /= 1000;
            unit++;
        }
        String number =
                unit == 0 || value >= 99.95
                        ? String.format(Locale.ROOT, "%.0f", value)
                        : String.format(Locale.ROOT, "%.1f", value);
        return number + " " + units[unit];
    }

    /// Memory or disk with a binary unit: `768 MiB`, `2 GiB`.
    public static String mebibytes(int mebibytes) {
        if (mebibytes == 0) {
            return "-";
        }
        if (mebibytes >= 1024 && mebibytes % 512 == 0) {
            return mebibytes % 1024 == 0
                    ? mebibytes / 1024 + " GiB"
                    : String.format(Locale.ROOT, "%.1f GiB", mebibytes / 1024.0);
        }
        return mebibytes + " MiB";
    }

    /// A time span for people: `8.4 s`, `2 min 05 s`, `3 h 20 min`.
    public static String span(Duration span) {
        long seconds = span.toSeconds();
        if (seconds < 60) {
            return String.format(Locale.ROOT, "%.1f s", span.toMillis() / 1000.0);
        }
        if (seconds < 3600) {
            return String.format(Locale.ROOT, "%d min %02d s", seconds / 60, seconds % 60);
        }
        if (seconds < 86_400) {
            return String.format(Locale.ROOT, "%d h %02d min", seconds / 3600, seconds % 3600 / 60);
        }
        return String.format(Locale.ROOT, "%d d %02d h", seconds / 86_400, seconds % 86_400 / 3600);
    }

    /// An amount with four decimals, so that columns align.
    public static String amount(Credits amount) {
        return amount.rounded(AMOUNT_DECIMALS);
    }

    /// A point in time on this computer's clock.
    public static String time(Instant instant, ZoneId zone) {
        return TIME.format(instant.atZone(zone));
    }

    /// The text on one line: whatever is not printable becomes `?`, so that nothing that others
    /// wrote can move the cursor.
    public static String line(String text) {
        StringBuilder safe = new StringBuilder(text.length());
        text.codePoints()
                .forEach(c -> {
                    int type = Character.getType(c);
                    boolean bad =
                            Character.isISOControl(c)
                                    || type == Character.FORMAT
                                    || type == Character.SURROGATE
                                    || type == Character.UNASSIGNED
                                    || type == Character.LINE_SEPARATOR
                                    || type == Character.PARAGRAPH_SEPARATOR;
                    safe.appendCodePoint(bad ? '?' : c);
                });
        return safe.toString();
    }

    /// The text, or its beginning and `…`, in at most `width` characters.
    public static String cut(String text, int width) {
        if (text.codePointCount(0, text.length()) <= width) {
            return text;
        }
        return text.substring(0, text.offsetByCodePoints(0, Math.max(0, width - 1))) + "…";
    }
}
