// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.store.Database;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Keeps the database.
@Command(
        name = "db",
        description = "Keep the database.",
        subcommands = DatabaseCommand.Backup.class,
        synopsisSubcommandLabel = "COMMAND")
final class DatabaseCommand implements Callable<Integer> {
    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return 2;
    }

    /// Copies the database while it is in use.
    @Command(
            name = "backup",
            description = "Copy the database as it is now; may run beside a coordinator.")
    static final class Backup implements Callable<Integer> {
        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Parameters(paramLabel = "FILE", description = "The copy; it must not exist.")
        Path file = Path.of("");

        @Override
        public Integer call() throws Exception {
            Settings settings = home.settings();
            if (Files.exists(file)) {
                throw new IOException(file + " exists already; choose another name");
            }
            try (Database database = Database.open(settings.store(home.folder()), 1)) {
                database.backUp(file);
            }
            spec.commandLine()
                    .getOut()
                    .println("copied to " + file + ", " + Files.size(file) + " bytes");
            return 0;
        }
    }
}
