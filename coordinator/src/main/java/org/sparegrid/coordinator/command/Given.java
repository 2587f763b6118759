// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/// Reads what was given on the command line.
final class Given {
    private static final int REASON_MAX = 400;

    private Given() {}

    /// Reads an identifier or an amount.
    ///
    /// @param what how the parameter is named in the help
    static <T> T read(CommandSpec spec, String what, String text, Function<String, T> kind) {
        try {
            return kind.apply(text);
        } catch (IllegalArgumentException strange) {
            throw new ParameterException(
                    spec.commandLine(), what + ": " + strange.getMessage(), strange);
        }
    }

    /// Why the operator does something, in one line.
    static String reason(CommandSpec spec, String reason) {
        String line = reason.strip();
        if (line.isEmpty() || line.length() > REASON_MAX || line.matches(".*\\p{Cntrl}.*")) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--reason: expected one line of 1 to " + REASON_MAX + " characters");
        }
        return line;
    }
}
