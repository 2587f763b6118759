// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Names the kind of processor, so that a buyer can spread machines over several kinds.
public final class ProcessorKind {
    private static final int LENGTH_MAX = 40;

    private ProcessorKind() {}

    /// The kind of this computer's processor as `VENDOR-FAMILY-MODEL`, or empty if Linux doesn't
    /// say.
    public static String ofThisComputer() {
        try {
            return of(Files.readAllLines(Path.of("/proc/cpuinfo")));
        } catch (IOException unreadable) {
            return "";
        }
    }

    /// The kind of the first processor that the lines of `/proc/cpuinfo` describe.
    static String of(List<String> lines) {
        Optional<String> vendor = value(lines, "vendor_id");
        Optional<String> family = value(lines, "cpu family");
        Optional<String> model = value(lines, "model");
        if (vendor.isEmpty() || family.isEmpty() || model.isEmpty()) {
            return "";
        }
        String kind =
                (vendor.get() + "-" + family.get() + "-" + model.get())
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9._-]", "");
        return kind.substring(0, Math.min(LENGTH_MAX, kind.length()));
    }

    private static Optional<String> value(List<String> lines, String key) {
        return lines.stream()
                .filter(line -> line.matches(key + "\\s*:.*"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst();
    }
}
