// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

/// How large a machine is, or must at least be.
///
/// @param cpus virtual processors, 1 to 256
/// @param memoryMebibytes memory, 128 to 4,194,304
/// @param diskMebibytes scratch disk, 0 for none, at most 16,777,216
public record MachineSize(int cpus, int memoryMebibytes, int diskMebibytes) {
    public MachineSize {
        require(cpus >= 1 && cpus <= 256, "cpus: expected 1 to 256, got " + cpus);
        require(
                memoryMebibytes >= 128 && memoryMebibytes <= 4_194_304,
                "memory: expected 128 to 4194304 MiB, got " + memoryMebibytes);
        require(
                diskMebibytes >= 0 && diskMebibytes <= 16_777_216,
                "disk: expected 0 to 16777216 MiB, got " + diskMebibytes);
    }

    /// Whether a machine of this size will do where `least` is needed.
    public boolean covers(MachineSize least) {
        return cpus >= least.cpus
                && memoryMebibytes >= least.memoryMebibytes
                && diskMebibytes >= least.diskMebibytes;
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
