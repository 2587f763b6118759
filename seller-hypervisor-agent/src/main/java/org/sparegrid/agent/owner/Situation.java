// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.owner;

import java.time.LocalDateTime;
import java.util.Optional;

/// What is seen of the computer at one moment.
///
/// @param nowMillis on a clock that never steps back
/// @param epochMillis the wall clock
/// @param localTime the same in the owner's time zone
/// @param presence when somebody last used the computer
/// @param onBattery whether it runs on battery
/// @param batteryPercent the charge, 100 without a battery
/// @param celsius the hottest sensor, or 0 if there is none
/// @param othersCpuPercent processor use of all other programs
/// @param pressurePercent how much of the time programs wait for memory
/// @param exclusive the exclusive program that runs, if one does
/// @param metered whether the network is paid by volume
/// @param fullScreen whether a window fills the screen
/// @param transferredTodayBytes what guests sent and received today
/// @param guestMemoryPercent how much of the computer's memory guests hold or would hold
public record Situation(
        long nowMillis,
        long epochMillis,
        LocalDateTime localTime,
        Presence presence,
        boolean onBattery,
        int batteryPercent,
        int celsius,
        int othersCpuPercent,
        int pressurePercent,
        Optional<String> exclusive,
        boolean metered,
        boolean fullScreen,
        long transferredTodayBytes,
        int guestMemoryPercent) {}
