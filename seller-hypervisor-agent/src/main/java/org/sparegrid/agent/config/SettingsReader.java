// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.sparegrid.agent.config.SettingsValues.Unit;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.NearestName;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.MachineSize;

/// Takes the settings out of a TOML table and collects every fault.
final class SettingsReader {
    private static final Pattern ENDPOINT =
            Pattern.compile("([0-9]{1,3}([.][0-9]{1,3}){3}|\\[[0-9a-f:.]+\\]):[0-9]{1,5}");

    /// A setting's name and what stands behind it in a new file.
    record Line(String key, String text) {}

    /// What is sold, in the order of a new file.
    private static final List<Line> OFFER =
            List.of(
                    new Line("name", "\"%s\"  # this computer's name for people"),
                    new Line("price-per-hour", "\"0.05\"  # for one slot"),
                    new Line("slots", "1  # guests at once, 1 to 100, each of this size:"),
                    new Line("cpus", "1"),
                    new Line("memory", "\"1 GiB\""),
                    new Line("disk", "\"0 MiB\"  # scratch disk"),
                    new Line("udp-port", "41777  # of the guests' networks, 0 for any"),
                    new Line("accel", "\"auto\"  # or kvm, or tcg"),
                    new Line("guest-card", "\"auto\"  # or stream, or vhost-user"),
                    new Line("sell-emulated", "false  # sell though KVM doesn't work; riskier"),
                    new Line("endpoints", "[]  # addresses to announce, as in \"192.0.2.7:41777\""),
                    new Line("image-cache", "\"20 GiB\"  # disk for images of past leases"),
                    new Line("stream-images", "true  # start guests before their image is here"),
                    new Line("meter-interval", "\"5 s\""));

    private final Map<?, ?> table;
    private final SettingsValues values;
    private final List<String> faults;

    SettingsReader(Map<?, ?> table, List<String> faults) {
        this.table = table;
        this.values = new SettingsValues(table, faults);
        this.faults = faults;
    }

    static String template(String hostName) {
        StringBuilder text =
                new StringBuilder(
                        "# Settings of sparegrid-agent; see docs/operations/seller.md.\n");
        for (Line line : lines()) {
            text.append(line.key())
                    .append(" = ")
                    .append(line.text().replace("%s", hostName))
                    .append('\n');
        }
        return text.toString();
    }

    Settings read(String hostName) {
        List<String> known = lines().stream().map(Line::key).toList();
        for (Object key : table.keySet()) {
            if (!known.contains(String.valueOf(key))) {
                faults.add(unknown(String.valueOf(key), known));
            }
        }
        return new Settings(
                values.text("name", hostName, SettingsReader::name),
                values.text("price-per-hour", "0.05", SettingsReader::price),
                values.number("slots", 1, 1, 100),
                new MachineSize(
                        values.number("cpus", 1, 1, 256),
                        (int) values.amount("memory", "1 GiB", 128, 4_194_304, Unit.MEBIBYTES),
                        (int) values.amount("disk", "0 MiB", 0, 16_777_216, Unit.MEBIBYTES)),
                values.number("udp-port", 41_777, 0, 65_535),
                values.text("accel", "auto", SettingsReader::acceleration),
                values.text("guest-card", "auto", SettingsReader::card),
                values.flag("sell-emulated", false),
                values.texts("endpoints", 16, SettingsReader::endpoint),
                values.amount("image-cache", "20 GiB", 1024, 1 << 24, Unit.MEBIBYTES) << 20,
                values.flag("stream-images", true),
                Duration.ofSeconds(values.amount("meter-interval", "5 s", 1, 60, Unit.SECONDS)),
                OwnerSettings.read(values, faults),
                OwnerSettings.tariff(values),
                values.number("page-port", 0, 0, 65_535),
                Site.read(values),
                TrustSettings.read(values),
                VolumeSettings.read(values),
                SharingSettings.read(values));
    }

    private static List<Line> lines() {
        List<Line> lines = new ArrayList<>(OFFER);
        lines.addAll(VolumeSettings.LINES);
        lines.addAll(SharingSettings.LINES);
        lines.addAll(Site.LINES);
        lines.addAll(TrustSettings.LINES);
        lines.addAll(OwnerSettings.LINES);
        return lines;
    }

    private static String name(String text) {
        if (!text.matches("[\\p{L}\\p{N} ._-]{1,40}")) {
            throw new IllegalArgumentException(
                    "expected 1 to 40 letters, digits, spaces, '.', '_' or '-'");
        }
        return text;
    }

    static Credits price(String text) {
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

    private static GuestCardChoice card(String text) {
        return switch (text) {
            case "auto" -> GuestCardChoice.AUTO;
            case "stream" -> GuestCardChoice.STREAM;
            case "vhost-user" -> GuestCardChoice.VHOST_USER;
            default ->
                    throw new IllegalArgumentException(
                            "expected auto, stream or vhost-user, got " + text);
        };
    }

    private static String endpoint(String text) {
        if (!ENDPOINT.matcher(text.toLowerCase(Locale.ROOT)).matches()) {
            throw new IllegalArgumentException("expected \"ADDRESS:PORT\", got " + text);
        }
        return text.toLowerCase(Locale.ROOT);
    }

    private static String unknown(String key, List<String> known) {
        return key
                + ": there is no such setting"
                + NearestName.of(key, known).map(name -> "; did you mean " + name + "?").orElse("");
    }
}
