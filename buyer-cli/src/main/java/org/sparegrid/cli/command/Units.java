// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sparegrid.protocol.Credits;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Readers of the values on a command line.
final class Units {
    private static final Pattern SPAN = Pattern.compile("([0-9]{1,7})([smhd])");
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
