// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.owner;

import java.util.List;

/// What guests may do now, and why.
///
/// @param state what they may do
/// @param cpuPercent with how much processor time; 0 if they stand still
/// @param limits the limits that hold, of use or of idleness
/// @param rule the rule in force: a setting or a command
/// @param why what was seen
/// @param change what would change it
/// @param others what else would hold guests back
public record Verdict(
        RunState state,
        int cpuPercent,
        Limits limits,
        String rule,
        String why,
        String change,
        List<Finding> others) {
    /// Copies the list.
    public Verdict {
        others = List.copyOf(others);
    }

    /// Everything is allowed.
    public static Verdict run(Limits limits) {
        return new Verdict(
                limits.cpuPercent() < 100 ? RunState.THROTTLED : RunState.RUN,
                limits.cpuPercent(),
                limits,
                "none",
                "nothing holds guests back",
                "",
                List.of());
    }
}
