// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.rehearsal;

/// The machines that the sellers of a rehearsal have.
///
/// @param count from 1 to [#COUNT_MAX]
/// @param cpus of each
/// @param memoryMib of each
/// @param diskMib of each
public record Machines(int count, int cpus, long memoryMib, long diskMib) {
    /// As many agents as a large workstation has memory for; each also has an address.
    public static final int COUNT_MAX = 32;

    public Machines {
        if (count < 1 || count > COUNT_MAX) {
            throw new IllegalArgumentException("expected 1 to 32 machines, got " + count);
        }
    }
}
