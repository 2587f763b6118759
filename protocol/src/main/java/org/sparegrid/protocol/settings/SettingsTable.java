// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.settings;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sparegrid.protocol.Identifier;
import org.sparegrid.protocol.NearestName;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;

/// One flat TOML table. Take every setting out of it, then call {@link #finish}, which throws if
/// anything was wrong or left over.
public final class SettingsTable {
    private static final Pattern SPAN = Pattern.compile("([0-9]{1,9}) ?(s|min|h)");

    private final String file;
    private final Map<?, ?> values;
    private final List<String> faults = new ArrayList<>();
    private final Set<String> known = new LinkedHashSet<>();

    private SettingsTable(String file, Map<?, ?> values) {
        this.file = file;
        this.values = values;
    }

    /// Reads a file's text.
    ///
    /// @throws SettingsException if it isn't TOML
    public static SettingsTable parse(String toml, String file) throws SettingsException {
        try {
            return new SettingsTable(
                    file, toml.isBlank() ? Map.of() : Format.TOML.read(toml, Map.class));
        } catch (MessageFormatException malformed) {
            throw new SettingsException(file, List.of("it is not TOML: " + malformed.getMessage()));
        }
    }

    /// A setting in quotes, read by `read`, which says what is wrong by an
    /// `IllegalArgumentException`.
    public <T> T text(String key, String fallback, Function<String, T> read) {
        known.add(key);
        Object value = values.get(key);
        if (value instanceof String || value instanceof Number) {
            try {
                return read.apply(String.valueOf(value));
            } catch (IllegalArgumentException bad) {
                faults.add(key + ": " + bad.getMessage());
            }
        } else if (value != null) {
            faults.add(key + ": expected text in quotes, got " + value);
        }
        return read.apply(fallback);
    }

    /// A whole number within bounds.
    public int number(String key, int fallback, int least, int most) {
        known.add(key);
        Object value = values.get(key);
        if (value instanceof Integer number && number >= least && number <= most) {
            return number;
        }
        if (value != null) {
            faults.add(
                    key + ": expected a number from " + least + " to " + most + ", got " + value);
        }
        return fallback;
    }

    /// A span of time such as `90 s`, `5 min` or `2 h`, within bounds.
    public Duration span(String key, String fallback, Duration least, Duration most) {
        return text(
                key,
                fallback,
                text -> {
                    Matcher parts = SPAN.matcher(text);
                    Duration span = parts.matches() ? span(parts) : Duration.ofSeconds(-1);
                    if (span.compareTo(least) < 0 || span.compareTo(most) > 0) {
                        throw new IllegalArgumentException(
                                "expected a time from "
                                        + least.toSeconds()
                                        + " s to "
                                        + most.toSeconds()
                                        + " s, such as \"90 s\", got "
                                        + Identifier.quoted(text));
                    }
                    return span;
                });
    }

    private static Duration span(Matcher parts) {
        long amount = Long.parseLong(parts.group(1));
        return switch (parts.group(2)) {
            case "s" -> Duration.ofSeconds(amount);
            case "min" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
        };
    }

    /// A list of texts, each checked by `check`.
    public List<String> texts(String key, int most, Function<String, String> check) {
        known.add(key);
        Object value = values.get(key);
        List<String> texts = new ArrayList<>();
        if (value instanceof List<?> list && list.size() <= most) {
            for (Object each : list) {
                try {
                    texts.add(check.apply(String.valueOf(each)));
                } catch (IllegalArgumentException bad) {
                    faults.add(key + ": " + bad.getMessage());
                }
            }
        } else if (value != null) {
            faults.add(key + ": expected a list of at most " + most + ", got " + value);
        }
        return List.copyOf(texts);
    }

    /// Reports all faults, settings that nobody asked for among them.
    ///
    /// @throws SettingsException if there are any
    public void finish() throws SettingsException {
        for (Object key : values.keySet()) {
            if (!known.contains(String.valueOf(key))) {
                faults.add(
                        key
                                + ": there is no such setting"
                                + NearestName.of(String.valueOf(key), known)
                                        .map(name -> "; did you mean " + name + "?")
                                        .orElse(""));
            }
        }
        if (!faults.isEmpty()) {
            throw new SettingsException(file, faults);
        }
    }
}
