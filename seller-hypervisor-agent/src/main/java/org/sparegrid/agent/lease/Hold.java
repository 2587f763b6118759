// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import org.sparegrid.agent.owner.RunState;

/// What guests may do at the moment.
///
/// @param state what
/// @param cpuPercent with how much of their processors
/// @param payPercent how much of the time is paid: the same, in relation to what was offered
/// @param diskBytesPerSecond what each guest may read and write on its disks, 0 for no limit
/// @param why for people
public record Hold(
        RunState state, int cpuPercent, int payPercent, long diskBytesPerSecond, String why) {
    /// They may do what they like.
    public static final Hold NONE = new Hold(RunState.RUN, 100, 100, 0, "");
}
