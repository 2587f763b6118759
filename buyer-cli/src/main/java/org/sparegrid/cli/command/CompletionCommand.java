// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `completion`.
@Command(
        name = "completion",
        description = {
            "Print a script that completes commands in bash and zsh.",
            "To use it: source <(sparegrid completion)"
        })
final class CompletionCommand extends ShellCommand implements CommandTree.KnowsAllCommands {
    @Spec private @Nullable CommandSpec spec;

    @Override
    int run() {
        if (spec == null) {
            throw new IllegalStateException("command: used outside its command line");
        }
        terminal().print(AutoComplete.bash("sparegrid", spec.root().commandLine()));
        return 0;
    }
}
