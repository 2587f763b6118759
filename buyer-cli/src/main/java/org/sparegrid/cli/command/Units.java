// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sparegrid.protocol.Credits;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Readers of the values on a command line.
final class Units {
    private static final Pattern SPAN = Pattern.compile("([0-9]{1,7})([smhd])");
    private static final Pattern VOLUME = Pattern.compile("([0-9]{1,8})(MB|GB|TB)");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,8})(M|MiB|G|GiB)");

    private Units() {}

    /// A memory or disk size.
    ///
    /// @param mebibytes how much
    record Size(int mebibytes) {}

    /// Reads `90s`, `15m`, `2h` or `1d`.
    static final class SpanReader implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            Matcher parts = SPAN.matcher(text);
            if (!parts.matches()) {
                throw new TypeConversionException(
                        "expected a time such as 90s, 15m, 2h or 1d, got '" + text + "'");
            }
            long number = Long.parseLong(parts.group(1));
            return switch (parts.group(2)) {
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                default -> Duration.ofDays(number);
            };
        }
    }

    /// A time of day, a date with one, or a span from now on.
    sealed interface When {
        /// The first such time after that one; a date is where it is.
        Instant next(Instant from, ZoneId zone);

        /// Whether it counts from now on.
        default boolean isSpan() {
            return this instanceof In;
        }

        /// From now on.
        record In(Duration span) implements When {
            @Override
            public Instant next(Instant from, ZoneId zone) {
                return from.plus(span);
            }
        }

        /// Every day.
        record At(LocalTime time) implements When {
            @Override
            public Instant next(Instant from, ZoneId zone) {
                LocalDate day = from.atZone(zone).toLocalDate();
                Instant today = day.atTime(time).atZone(zone).toInstant();
                return today.isAfter(from)
                        ? today
                        : day.plusDays(1).atTime(time).atZone(zone).toInstant();
            }
        }

        /// Once, on this computer's clock.
        record On(LocalDateTime time) implements When {
            @Override
            public Instant next(Instant from, ZoneId zone) {
                return time.atZone(zone).toInstant();
            }
        }

        /// Once.
        record Point(Instant time) implements When {
            @Override
            public Instant next(Instant from, ZoneId zone) {
                return time;
            }
        }
    }

    /// Reads `22:00`, `2026-12-24T18:00` (also with `Z` or an offset) or `6h`.
    static final class WhenReader implements ITypeConverter<When> {
        @Override
        public When convert(String text) {
            try {
                if (SPAN.matcher(text).matches()) {
                    return new When.In(new SpanReader().convert(text));
                }
                if (text.indexOf('T') < 0) {
                    return new When.At(LocalTime.parse(text));
                }
                return text.matches(".*(Z|[+-][0-9]{2}:[0-9]{2})")
                        ? new When.Point(OffsetDateTime.parse(text).toInstant())
                        : new When.On(LocalDateTime.parse(text));
            } catch (DateTimeParseException malformed) {
                throw new TypeConversionException(
                        "expected a time such as 22:00, 2026-12-24T18:00 or 6h, got '"
                                + text
                                + "'");
            }
        }
    }

    /// Reads `768MiB`, `768M`, `2GiB` or `2G`.
    static final class SizeReader implements ITypeConverter<Size> {
        @Override
        public Size convert(String text) {
            Matcher parts = SIZE.matcher(text);
            if (text.equals("0")) {
                return new Size(0);
            }
            if (!parts.matches()) {
                throw new TypeConversionException(
                        "expected a size such as 768MiB or 2GiB, got '" + text + "'");
            }
            long factor = parts.group(2).startsWith("G") ? 1024 : 1;
            return new Size(
                    Math.toIntExact(Math.min(1 << 30, Long.parseLong(parts.group(1)) * factor)));
        }
    }

    /// An amount of traffic.
    ///
    /// @param megabytes how much, in 10^6 bytes
    record Volume(long megabytes) {}

    /// Reads `500MB`, `20GB` or `1TB`.
    static final class VolumeReader implements ITypeConverter<Volume> {
        @Override
        public Volume convert(String text) {
            Matcher parts = VOLUME.matcher(text);
            if (text.equals("0")) {
                return new Volume(0);
            }
            if (!parts.matches()) {
                throw new TypeConversionException(
                        "expected an amount such as 500MB, 20GB or 1TB, got '" + text + "'");
            }
            long factor =
                    switch (parts.group(2)) {
                        case "MB" -> 1;
                        case "GB" -> 1_000;
                        default -> 1_000_000;
                    };
            return new Volume(Long.parseLong(parts.group(1)) * factor);
        }
    }

    /// Reads `0.05` or `20`.
    static final class AmountReader implements ITypeConverter<Credits> {
        @Override
        public Credits convert(String text) {
            try {
                return Credits.parse(text);
            } catch (IllegalArgumentException malformed) {
                throw new TypeConversionException(String.valueOf(malformed.getMessage()));
            }
        }
    }
}
