// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.sensor;

import java.nio.file.Path;

/// The hottest sensor of processor and board.
final class Temperature {
    /// Above this a sensor is broken, in thousandths of a degree.
    private static final long MILLI_CELSIUS_MAX = 150_000;

    private Temperature() {}

    /// In degrees Celsius, 0 if there is no sensor.
    static int celsius(Path sys) {
        long hottest = 0;
        for (Path zone : HostFiles.folders(sys.resolve("class/thermal"), "thermal_zone*")) {
            hottest = Math.max(hottest, sane(zone.resolve("temp")));
        }
        for (Path chip : HostFiles.folders(sys.resolve("class/hwmon"), "hwmon*")) {
            String name = HostFiles.text(chip.resolve("name")).orElse("");
            if (name.matches("coretemp|k10temp|zenpower|cpu_thermal|acpitz")) {
                for (Path input : HostFiles.folders(chip, "temp*_input")) {
                    hottest = Math.max(hottest, sane(input));
                }
            }
        }
        return (int) (hottest / 1000);
    }

    private static long sane(Path file) {
        long value = HostFiles.number(file).orElse(0L);
        return value > MILLI_CELSIUS_MAX ? 0 : value;
    }
}
