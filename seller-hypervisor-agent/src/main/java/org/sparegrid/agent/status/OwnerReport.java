// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.status;

import java.util.List;

/// What guests may do now, which rule says so, and what would change it.
///
/// @param mode when guests run
/// @param state what they may do: run, throttled, frozen, parked or stopped
/// @param cpuPercent with how much of their processors' time
/// @param rule the setting or command in force, or `none`
/// @param why what was seen
/// @param change what would change it
/// @param others what else would hold guests back
/// @param inUse whether somebody uses the computer
/// @param idleSeconds how long nobody has, or -1 if nothing can tell
/// @param source what saw the last input
/// @param transferredTodayBytes what guests sent and received today
public record OwnerReport(
        String mode,
        String state,
        int cpuPercent,
        String rule,
        String why,
        String change,
        List<String> others,
        boolean inUse,
        long idleSeconds,
        String source,
        long transferredTodayBytes) {
    /// Copies the list.
    public OwnerReport {
        others = List.copyOf(others);
    }
}
