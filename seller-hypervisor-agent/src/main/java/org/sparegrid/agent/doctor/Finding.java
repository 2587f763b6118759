// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.doctor;

/// One thing that was looked at.
///
/// @param id names the fault for good, such as `qemu-missing`; `ok` if there is none
/// @param subject what was looked at
/// @param text what was found
/// @param fix the command that mends it, or what to do; empty if nothing is wrong
/// @param mended whether `--fix` mended it just now
public record Finding(
        String id, Level level, String subject, String text, String fix, boolean mended) {
    /// How bad it is.
    public enum Level {
        /// As it should be.
        OK,
        /// Works, but not as well as it could.
        ADVICE,
        /// Selling does not work like this.
        FAULT
    }
}
