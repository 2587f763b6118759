// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// A command that only holds others.
abstract class GroupCommand extends ShellCommand {
    @Spec private @Nullable CommandSpec spec;

    @Override
    final int run() {
        if (spec == null) {
            throw new IllegalStateException("command: used outside its command line");
        }
        throw new ParameterException(
                spec.commandLine(),
                "expected one of: "
                        + String.join(
                                ", ",
                                spec.subcommands().entrySet().stream()
                                        .filter(e ->
                                                !e.getValue()
                                                        .getCommandSpec()
                                                        .usageMessage()
                                                        .hidden())
                                        .map(java.util.Map.Entry::getKey)
                                        .toList()));
    }
}
