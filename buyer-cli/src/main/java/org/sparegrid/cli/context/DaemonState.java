// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.context;

/// A network daemon as it records itself.
///
/// @param pid its process
/// @param startedMillis when that process started, as the system says, to tell it from another that
///   has its number later
/// @param name the network's name
/// @param order the order whose network it is
/// @param member which member it is
/// @param mode `tap` or `user`
/// @param device the TAP device, or empty
/// @param hostName its own name on the network
/// @param address its own address on the network
/// @param gateway the options that make it a gateway, as on the command line, or empty
public record DaemonState(
        long pid,
        long startedMillis,
        String name,
        String order,
        String member,
        String mode,
        String device,
        String hostName,
        String address,
        String gateway) {
    /// How much the system's idea of a start may move when its clock is set.
    private static final long CLOCK_STEP_MAX_MILLIS = 2_000;

    /// The mode in which the whole computer is on the network.
    public static final String TAP = "tap";

    /// The mode in which only this program is.
    public static final String USER = "user";

    /// Whether that very process still runs.
    public boolean lives() {
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .filter(process ->
                        Math.abs(startOf(process) - startedMillis) <= CLOCK_STEP_MAX_MILLIS)
                .isPresent();
    }

    /// When a process started, in milliseconds, or 0 where the system doesn't say.
    public static long startOf(ProcessHandle process) {
        return process.info().startInstant().map(java.time.Instant::toEpochMilli).orElse(0L);
    }
}
