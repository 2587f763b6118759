// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.owner;

import java.time.Duration;
import java.util.List;

/// What the owner decided. Source: docs/operations/seller.md, the owner's rules.
///
/// @param mode when guests run
/// @param inUse what guests may take while somebody uses the computer
/// @param idle what they may take otherwise
/// @param idleAfter how long without input until the computer counts as idle
/// @param grace how long all else must have been well before guests run again
/// @param hours when guests may compute
/// @param networkHours when guests may use the network
/// @param onBattery whether guests run on battery
/// @param batteryPercentMin below which charge they stop even so
/// @param celsiusMax above which temperature guests freeze, 0 for never
/// @param othersCpuPercentMax processor use of other programs that freezes guests, 0 for never
/// @param pressurePercentMax how much of the time programs may wait for memory, 0 for any
/// @param exclusive programs during which guests freeze
/// @param onMetered whether guests run on a network that is paid by volume
/// @param fullScreenFreezes whether guests freeze while a window fills the screen
/// @param dailyTransferBytes what guests may send and receive in a day, 0 for any amount
/// @param parkAfter how long guests stay frozen before they are parked, zero for ever
/// @param stopAfter how long guests stand still before they are ended, zero for ever
/// @param benchmarkInterval from one benchmark of this computer to the next, zero for never
public record OwnerRules(
        Mode mode,
        Limits inUse,
        Limits idle,
        Duration idleAfter,
        Duration grace,
        WeeklyHours hours,
        WeeklyHours networkHours,
        boolean onBattery,
        int batteryPercentMin,
        int celsiusMax,
        int othersCpuPercentMax,
        int pressurePercentMax,
        List<String> exclusive,
        boolean onMetered,
        boolean fullScreenFreezes,
        long dailyTransferBytes,
        Duration parkAfter,
        Duration stopAfter,
        Duration benchmarkInterval) {
    /// Copies the list.
    public OwnerRules {
        exclusive = List.copyOf(exclusive);
    }

    /// The same rules with another mode.
    public OwnerRules with(Mode other) {
        return new OwnerRules(
                other,
                inUse,
                idle,
                idleAfter,
                grace,
                hours,
                networkHours,
                onBattery,
                batteryPercentMin,
                celsiusMax,
                othersCpuPercentMax,
                pressurePercentMax,
                exclusive,
                onMetered,
                fullScreenFreezes,
                dailyTransferBytes,
                parkAfter,
                stopAfter,
                benchmarkInterval);
    }
}
