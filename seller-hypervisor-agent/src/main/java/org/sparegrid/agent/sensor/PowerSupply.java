// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.sensor;

import java.nio.file.Path;
import java.util.List;

/// Mains and batteries, as in `/sys/class/power_supply`.
///
/// @param onBattery whether a battery is being emptied
/// @param percent the emptiest battery's charge, 100 without one
public record PowerSupply(boolean onBattery, int percent) {
    /// Reads it.
    ///
    /// @param sys `/sys`
    public static PowerSupply read(Path sys) {
        boolean mains = false;
        boolean discharging = false;
        int percent = 100;
        List<Path> supplies = HostFiles.folders(sys.resolve("class/power_supply"), "*");
        for (Path supply : supplies) {
            String type = HostFiles.text(supply.resolve("type")).orElse("");
            String scope = HostFiles.text(supply.resolve("scope")).orElse("System");
            // The batteries of mice and keyboards are none of ours.
            if (type.equals("Battery") && !scope.equals("Device")) {
                String status = HostFiles.text(supply.resolve("status")).orElse("");
                discharging |= status.equals("Discharging");
                long charge = HostFiles.number(supply.resolve("capacity")).orElse(100L);
                percent = Math.clamp(charge, 0, percent);
            } else if (type.equals("Mains") || type.startsWith("USB")) {
                mains |= HostFiles.number(supply.resolve("online")).orElse(0L) == 1;
            }
        }
        return new PowerSupply(discharging && !mains, percent);
    }
}
