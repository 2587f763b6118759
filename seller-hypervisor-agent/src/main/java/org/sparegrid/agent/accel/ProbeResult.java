// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.accel;

/// What a run of [ProbeRom] showed.
///
/// @param works whether every stage passed
/// @param stages the letters of those that did
/// @param why what ended it, for people
public record ProbeResult(boolean works, String stages, String why) {
    /// Reads the outcome of a run.
    ///
    /// @param ended QEMU's exit code, or a negative number if it had to be killed
    /// @param stages what the guest printed
    /// @param errors what QEMU printed
    static ProbeResult classify(int ended, String stages, String errors) {
        if (ended == ProbeRom.EXIT_DONE && stages.equals(ProbeRom.STAGES)) {
            return new ProbeResult(true, stages, "all stages passed");
        }
        String error =
                errors.lines()
                        .filter(line -> line.matches("(?i).*(error|fail|denied|could not).*"))
                        .findFirst()
                        .orElse("")
                        .strip();
        String after = stages.isEmpty() ? "before the first stage" : "after stage " + last(stages);
        String why =
                ended < 0
                        ? "the guest hung " + after
                        : ended == ProbeRom.EXIT_DONE
                                ? "a stage was skipped: " + stages
                                : "QEMU ended with code " + ended + " " + after;
        if (errors.startsWith("KVM internal error") || errors.startsWith("KVM: entry failed")) {
            why = "the processor gave up " + after;
        }
        return new ProbeResult(false, stages, error.isEmpty() ? why : why + " (" + error + ")");
    }

    private static char last(String stages) {
        return stages.charAt(stages.length() - 1);
    }
}
