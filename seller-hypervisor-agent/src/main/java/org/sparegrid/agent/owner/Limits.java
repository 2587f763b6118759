// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.owner;

/// How much of the computer all guests together may take.
///
/// @param cpuPercent of the processors that guests were given; 0 freezes them
/// @param memoryPercent of the computer's memory; more, and they are parked
/// @param receiveBitsPerSecond to guests, 0 for no limit
/// @param sendBitsPerSecond from guests, 0 for no limit
/// @param diskBytesPerSecond from and to guests' disks, 0 for no limit
public record Limits(
        int cpuPercent,
        int memoryPercent,
        long receiveBitsPerSecond,
        long sendBitsPerSecond,
        long diskBytesPerSecond) {
    /// No limit but what guests were given.
    public static final Limits NONE = new Limits(100, 100, 0, 0, 0);

    /// Checks the ranges.
    public Limits {
        require(cpuPercent >= 0 && cpuPercent <= 100, "CPU", cpuPercent);
        require(memoryPercent >= 1 && memoryPercent <= 100, "memory", memoryPercent);
        require(receiveBitsPerSecond >= 0, "receive", receiveBitsPerSecond);
        require(sendBitsPerSecond >= 0, "send", sendBitsPerSecond);
        require(diskBytesPerSecond >= 0, "disk", diskBytesPerSecond);
    }

    private static void require(boolean condition, String what, long got) {
        if (!condition) {
            throw new IllegalArgumentException("limits: " + what + " is out of range: " + got);
        }
    }
}
