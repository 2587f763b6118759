// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.NearestName;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.MachineSize;

/// Takes the settings out of a TOML table and collects every fault.
final class SettingsReader {
    private static final Pattern AMOUNT = Pattern.compile("([0-9]{1,12}) *([A-Za-z]+)");
    private static final Pattern ENDPOINT =
            Pattern.compile("([0-9]{1,3}([.][0-9]{1,3}){3}|\\[[0-9a-f:.]+\\]):[0-9]{1,5}");

    /// What every setting is called, and its line in a new file.
    private static final Map<String, String> KNOWN =
            Map.ofEntries(
                    Map.entry("name", "\"%s\"  # this computer's name for people"),
                    Map.entry("price-per-hour", "\"0.05\"  # for one slot"),
                    Map.entry("slots", "1  # guests at once, 1 to 100, each of this size:"),
                    Map.entry("cpus", "1"),
                    Map.entry("memory", "\"1 GiB\""),
                    Map.entry("disk", "\"0 MiB\"  # scratch disk"),
                    Map.entry("udp-port", "41777  # of the guests' networks, 0 for any"),
                    Map.entry("accel", "\"auto\"  # or kvm, or tcg"),
                    Map.entry("sell-emulated", "false  # sell though KVM doesn't work; riskier"),
                    Map.entry(
                            "endpoints", "[]  # addresses to announce, as in \"192.0.2.7:41777\""),
                    Map.entry("image-cache", "\"20 GiB\"  # disk for images of past leases"),
                    Map.entry("meter-interval", "\"5 s\""));

    private static final List<String> ORDER =
            List.of(
                    "name",
                    "price-per-hour",
                    "slots",
                    "cpus",
                    "memory",
                    "disk",
                    "udp-port",
                    "accel",
                    "sell-emulated",
                    "endpoints",
                    "image-cache",
                    "meter-interval");

    private final Map<?, ?> values;
    private final List<String> faults;

    SettingsReader(Map<?, ?> values, List<String> faults) {
        this.values = values;
        this.faults = faults;
    }

    static String template(String hostName) {
        StringBuilder text =
                new StringBuilder(
                        "# Settings of sparegrid-agent; see docs/operations/seller.md.\n");
        for (String key : ORDER) {
            text.append(key)
                    .append(" = ")
                    .append(KNOWN.getOrDefault(key, "").formatted(hostName))
                    .append('\n');
        }
        return text.toString();
    }

    Settings read(String hostName) {
        for (Object key : values.keySet()) {
            if (!KNOWN.containsKey(String.valueOf(key))) {
                faults.add(unknown(String.valueOf(key)));
            }
        }
        return new Settings(
                text("name", hostName, SettingsReader::name),
                text("price-per-hour", "0.05", SettingsReader::price),
                number("slots", 1, 1, 100),
                new MachineSize(
                        number("cpus", 1, 1, 256),
                        (int) amount("memory", "1 GiB", 128, 4_194_304, Unit.MEBIBYTES),
                        (int) amount("disk", "0 MiB", 0, 16_777_216, Unit.MEBIBYTES)),
                number("udp-port", 41_777, 0, 65_535),
                text("accel", "auto", SettingsReader::acceleration),
                flag("sell-emulated"),
                endpoints(),
                amount("image-cache", "20 GiB", 1024, 1 << 24, Unit.MEBIBYTES) << 20,
                Duration.ofSeconds(amount("meter-interval", "5 s", 1, 60, Unit.SECONDS)));
    }

    private enum Unit {
        MEBIBYTES("MiB", "GiB", 1024),
        SECONDS("s", "min", 60);

        private final String small;
        private final String large;
        private final long smallInLarge;

        Unit(String small, String large, long smallInLarge) {
            this.small = small;
            this.large = large;
            this.smallInLarge = smallInLarge;
        }
    }

    private static String name(String text) {
        if (!text.matches("[\\p{L}\\p{N} ._-]{1,40}")) {
            throw new IllegalArgumentException(
                    "expected 1 to 40 letters, digits, spaces, '.', '_' or '-'");
        }
        return text;
    }

    private static Credits price(String text) {
        Credits price = Credits.parse(text);
        if (price.isNegative() || price.compareTo(Ask.PRICE_MAX) > 0) {
            throw new IllegalArgumentException("expected 0 to " + Ask.PRICE_MAX + ", got " + text);
        }
        return price;
    }

    private static AccelerationChoice acceleration(String text) {
        return switch (text) {
            case "auto" -> AccelerationChoice.AUTO;
            case "kvm" -> AccelerationChoice.KVM;
            case "tcg" -> AccelerationChoice.TCG;
            default -> throw new IllegalArgumentException("expected auto, kvm or tcg, got " + text);
        };
    }

    private <T> T text(String key, String fallback, Function<String, T> read) {
        Object value = values.get(key);
        if (value != null && !(value instanceof String) && !(value instanceof Number)) {
            faults.add(key + ": expected text in quotes, got " + value);
        } else if (value != null) {
            try {
                return read.apply(String.valueOf(value));
            } catch (IllegalArgumentException bad) {
                faults.add(key + ": " + bad.getMessage());
            }
        }
        return read.apply(fallback);
    }

    private int number(String key, int fallback, int least, int most) {
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

    private boolean flag(String key) {
        Object value = values.get(key);
        if (value != null && !(value instanceof Boolean)) {
            faults.add(key + ": expected true or false, got " + value);
        }
        return Boolean.TRUE.equals(value);
    }

    private long amount(String key, String fallback, long least, long most, Unit unit) {
        return text(key, fallback, text -> amount(text, least, most, unit));
    }

    private static long amount(String text, long least, long most, Unit unit) {
        Matcher parts = AMOUNT.matcher(text);
        boolean large = parts.matches() && parts.group(2).equals(unit.large);
        if (!large && !(parts.matches() && parts.group(2).equals(unit.small))) {
            throw new IllegalArgumentException(
                    "expected a number and " + unit.small + " or " + unit.large + ", got " + text);
        }
        long amount = Long.parseLong(parts.group(1)) * (large ? unit.smallInLarge : 1);
        if (amount < least || amount > most) {
            throw new IllegalArgumentException(
                    "expected " + least + " to " + most + " " + unit.small + ", got " + text);
        }
        return amount;
    }

    private List<String> endpoints() {
        Object value = values.get("endpoints");
        List<String> endpoints = new ArrayList<>();
        if (value instanceof List<?> list && list.size() <= 16) {
            for (Object each : list) {
                String text = String.valueOf(each).toLowerCase(Locale.ROOT);
                if (ENDPOINT.matcher(text).matches()) {
                    endpoints.add(text);
                } else {
                    faults.add("endpoints: expected \"ADDRESS:PORT\", got " + each);
                }
            }
        } else if (value != null) {
            faults.add("endpoints: expected a list of at most 16, got " + value);
        }
        return endpoints;
    }

    private static String unknown(String key) {
        return key
                + ": there is no such setting"
                + NearestName.of(key, ORDER).map(name -> "; did you mean " + name + "?").orElse("");
    }
}
