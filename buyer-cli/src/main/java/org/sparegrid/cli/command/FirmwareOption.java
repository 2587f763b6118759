// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sparegrid.imagetools.iso.BootMode;
import picocli.CommandLine.Option;

/// What starts the machines of an image.
final class FirmwareOption {
    private static final String NAME = "--boot";

    @Option(
            names = NAME,
            paramLabel = "FIRMWARE",
            description = {
                "What starts its machines: ${COMPLETION-CANDIDATES} (default: BIOS",
                "if the image can start so, else UEFI)."
            })
    private @Nullable BootMode firmware;

    /// How an image may be started that can be in each of these ways.
    ///
    /// @throws Failure if it can't be started as the user wants
    Set<BootMode> of(Set<BootMode> possible) throws Failure {
        if (firmware == null) {
            return possible;
        }
        if (!possible.contains(firmware)) {
            throw new Failure(
                    ExitCode.USAGE,
                    NAME
                            + ": expected "
                            + Words.of(possible)
                            + ", which the image can start with, got "
                            + firmware);
        }
        return Set.of(firmware);
    }

    /// The option as it was given, for another command.
    List<String> words() {
        return firmware == null ? List.of() : List.of(NAME, firmware.name());
    }
}
