// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.sensor;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import org.sparegrid.agent.owner.OwnerRules;

/// Looks at everything but the owner's own activity. One thread calls.
public final class HostSensors {
    private final Path sys;
    private final Path proc;
    private final Path systemBus;
    private final ProcessorLoad load;

    /// @param sys `/sys`
    /// @param proc `/proc`
    /// @param systemBus where the system's message bus listens
    public HostSensors(Path sys, Path proc, Path systemBus) {
        this.sys = sys;
        this.proc = proc;
        this.systemBus = systemBus;
        this.load = new ProcessorLoad(proc);
    }

    /// What was found.
    ///
    /// @param memoryKibibytes all memory of the computer
    public record Reading(
            PowerSupply power,
            int celsius,
            int othersCpuPercent,
            int pressurePercent,
            Optional<String> exclusive,
            boolean metered,
            long memoryKibibytes) {}

    /// Looks at everything that the rules ask for.
    ///
    /// @param guests the guests' processes, which are none of the other programs
    public Reading read(OwnerRules rules, Collection<Long> guests) {
        return new Reading(
                PowerSupply.read(sys),
                Temperature.celsius(sys),
                load.othersPercent(guests),
                Pressure.memoryPercent(proc),
                Programs.running(proc, rules.exclusive()),
                !rules.onMetered() && MeteredNetwork.isMetered(systemBus),
                memoryKibibytes());
    }

    private long memoryKibibytes() {
        return HostFiles.text(proc.resolve("meminfo"))
                .orElse("")
                .lines()
                .filter(line -> line.startsWith("MemTotal:"))
                .map(line -> line.replaceAll("[^0-9]", ""))
                .filter(digits -> digits.matches("[0-9]{1,15}"))
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElse(Long.MAX_VALUE);
    }
}
