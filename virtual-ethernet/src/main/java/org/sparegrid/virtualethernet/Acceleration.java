// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Which of the faster ways the overlay may use. Each is tried at the start and left if the
/// computer has it not; to forbid one is for looking for faults, and for measuring what it is
/// worth.
///
/// @param udpOffloads many datagrams by one system call
/// @param tapOffloads frames of up to 64 KB from and to the kernel
/// @param libcrypto the ciphers of OpenSSL
/// @param fastFrames fast frames with peers that use them too, if the processor has AES
public record Acceleration(
        boolean udpOffloads, boolean tapOffloads, boolean libcrypto, boolean fastFrames) {
    /// Everything that the computer has.
    public static final Acceleration ALL = new Acceleration(true, true, true, true);

    /// Nothing but the JDK and WireGuard.
    public static final Acceleration NONE = new Acceleration(false, false, false, false);

    /// The environment variable that forbids ways; its value is for [#without].
    public static final String VARIABLE = "SPAREGRID_OVERLAY_WITHOUT";

    private static final List<String> WAYS =
            List.of("udp-offloads", "tap-offloads", "libcrypto", "fast-frames");

    /// Everything but what [#VARIABLE] forbids.
    ///
    /// @throws IllegalArgumentException if it names a way that there is not
    public static Acceleration ofEnvironment() {
        return without(System.getenv().getOrDefault(VARIABLE, ""));
    }

    /// Everything but the named ways, which commas separate: `udp-offloads`, `tap-offloads`,
    /// `libcrypto`, `fast-frames`, or `all`.
    ///
    /// @throws IllegalArgumentException if it names a way that there is not
    public static Acceleration without(String list) {
        Set<String> forbidden = new HashSet<>();
        for (String word : list.split(",", -1)) {
            String way = word.strip();
            if (way.equals("all")) {
                forbidden.addAll(WAYS);
            } else if (WAYS.contains(way)) {
                forbidden.add(way);
            } else if (!way.isEmpty()) {
                throw new IllegalArgumentException(
                        VARIABLE + ": expected all, " + String.join(", ", WAYS) + ", got " + way);
            }
        }
        return new Acceleration(
                !forbidden.contains("udp-offloads"),
                !forbidden.contains("tap-offloads"),
                !forbidden.contains("libcrypto"),
                !forbidden.contains("fast-frames"));
    }
}
