// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.output.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// What every command has: the shell it runs in, and `--help`.
@Command(
        optionListHeading = "%nOptions:%n",
        parameterListHeading = "%nArguments:%n",
        commandListHeading = "%nCommands:%n",
        descriptionHeading = "%n",
        footerHeading = "%n",
        synopsisHeading = "Usage: ",
        usageHelpWidth = 80,
        usageHelpAutoWidth = false,
        sortOptions = false)
abstract class ShellCommand implements Callable<Integer> {
    private @Nullable Shell shell;

    @SuppressWarnings("UnusedVariable") // picocli reads it
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            order = 100,
            description = "Show this text and end.")
    private boolean help;

    @SuppressWarnings("UnusedVariable") // Main looks for it before anything is logged
    @Option(
            names = "--verbose",
            order = 101,
            description = "Show what the libraries log on standard error.")
    private boolean verbose;

    final void enter(Shell where) {
        shell = where;
    }

    final Shell shell() {
        if (shell == null) {
            throw new IllegalStateException("command: used outside its command line");
        }
        return shell;
    }

    final Terminal terminal() {
        return shell().terminal();
    }

    final Coordinator coordinator() throws IOException, Failure {
        return shell().coordinator();
    }

    @Override
    public final Integer call()
            throws IOException, RefusedException, Failure, InterruptedException {
        return run();
    }

    /// Does the work.
    ///
    /// @return the exit code
    abstract int run() throws IOException, RefusedException, Failure, InterruptedException;
}
