// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.sensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.agent.config.SettingsFile;
import org.sparegrid.agent.owner.OwnerRules;

class HostSensorsTest {
    @TempDir private Path folder = Path.of("/nonexistent");

    private void write(String file, String text) throws Exception {
        Path path = folder.resolve(file);
        Files.createDirectories(path.resolveSibling("."));
        Files.writeString(path, text + "\n");
    }

    private static OwnerRules rules(String toml) throws Exception {
        return SettingsFile.parse(toml, "test").owner();
    }

    private HostSensors sensors() {
        return new HostSensors(
                folder.resolve("sys"), folder.resolve("proc"), folder.resolve("no-bus"));
    }

    @Test
    void saysNothingIsWrongWhereThereAreNoSensors() throws Exception {
        HostSensors.Reading reading = sensors().read(rules("exclusive = ['blender']"), List.of());

        assertThat(reading.power()).isEqualTo(new PowerSupply(false, 100));
        assertThat(reading.celsius()).isZero();
        assertThat(reading.othersCpuPercent()).isZero();
        assertThat(reading.pressurePercent()).isZero();
        assertThat(reading.exclusive()).isEmpty();
        assertThat(reading.metered()).isFalse();
    }

    @Test
    void knowsMainsFromBattery() throws Exception {
        write("sys/class/power_supply/BAT0/type", "Battery");
        write("sys/class/power_supply/BAT0/status", "Discharging");
        write("sys/class/power_supply/BAT0/capacity", "37");
        write("sys/class/power_supply/hid-mouse/type", "Battery");
        write("sys/class/power_supply/hid-mouse/scope", "Device");
        write("sys/class/power_supply/hid-mouse/capacity", "5");
        write("sys/class/power_supply/AC/type", "Mains");
        write("sys/class/power_supply/AC/online", "0");
        assertThat(PowerSupply.read(folder.resolve("sys"))).isEqualTo(new PowerSupply(true, 37));

        write("sys/class/power_supply/AC/online", "1");
        assertThat(PowerSupply.read(folder.resolve("sys"))).isEqualTo(new PowerSupply(false, 37));
    }

    @Test
    void takesTheHottestSaneSensor() throws Exception {
        write("sys/class/thermal/thermal_zone0/temp", "41000");
        write("sys/class/thermal/thermal_zone1/temp", "4000000");
        write("sys/class/hwmon/hwmon0/name", "coretemp");
        write("sys/class/hwmon/hwmon0/temp2_input", "71500");
        write("sys/class/hwmon/hwmon1/name", "nvme");
        write("sys/class/hwmon/hwmon1/temp1_input", "99000");

        assertThat(Temperature.celsius(folder.resolve("sys"))).isEqualTo(71);
    }

    @Test
    void countsOtherProgramsOnly() throws Exception {
        ProcessorLoad load = new ProcessorLoad(folder.resolve("proc"));
        write("proc/stat", "cpu  100 0 100 800 0 0 0 0 0 0");
        write("proc/42/stat", "42 (qemu (x) y) S 1 1 1 0 -1 0 0 0 0 0 50 10 0 0");
        assertThat(load.othersPercent(List.of(42L))).isZero();
        // 200 ticks pass, 120 of them busy, 70 of those by the guest.
        write("proc/stat", "cpu  200 0 120 880 0 0 0 0 0 0");
        write("proc/42/stat", "42 (qemu (x) y) S 1 1 1 0 -1 0 0 0 0 0 115 15 0 0");
        assertThat(load.othersPercent(List.of(42L))).isEqualTo(25);
    }

    @Test
    void readsThePressureOfMemory() throws Exception {
        write(
                "proc/pressure/memory",
                "some avg10=50.00 avg60=1.00 avg300=0.10 total=1\n"
                        + "full avg10=23.45 avg60=1.00 avg300=0.10 total=1");

        assertThat(Pressure.memoryPercent(folder.resolve("proc"))).isEqualTo(23);
    }

    @Test
    void findsExclusivePrograms() throws Exception {
        write("proc/7/comm", "Blender");
        write("proc/8/comm", "averyveryverylo");
        write("proc/8/cmdline", "/opt/averyveryverylongname\0--x");
        Path proc = folder.resolve("proc");

        assertThat(Programs.running(proc, List.of("steam", "blender"))).contains("blender");
        assertThat(Programs.running(proc, List.of("averyveryverylongname"))).isPresent();
        assertThat(Programs.running(proc, List.of("averyveryverylongother"))).isEmpty();
    }
}
