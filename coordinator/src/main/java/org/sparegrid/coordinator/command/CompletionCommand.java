// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// Prints what shells complete commands by.
@Command(
        name = "completion",
        description = {
            "Print a script that completes commands in bash and zsh.",
            "To use it: source <(sparegrid-coordinator completion)"
        })
final class CompletionCommand implements Callable<Integer> {
    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        spec.commandLine()
                .getOut()
                .print(AutoComplete.bash("sparegrid-coordinator", spec.root().commandLine()));
        spec.commandLine().getOut().flush();
        return 0;
    }
}
