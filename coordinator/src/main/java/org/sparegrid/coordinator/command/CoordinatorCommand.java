// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.protocol.FailureText;
import org.sparegrid.protocol.settings.SettingsException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// The program's top command.
@Command(
        name = "sparegrid-coordinator",
        description = "Matches buyers and sellers of idle computers, meters and pays.",
        subcommands = {
            InitCommand.class,
            ServeCommand.class,
            DevCommand.class,
            FingerprintCommand.class,
            LedgerCommand.class,
            AuditCommand.class,
            AccountCommand.class,
            LeaseCommand.class,
            OrderCommand.class,
            VolumeCommand.class,
            SellerCommand.class,
            MarketCommand.class,
            DepositCommand.class,
            PayoutCommand.class,
            DisputeCommand.class,
            DatabaseCommand.class,
            DoctorCommand.class,
            HealthCommand.class,
            CompletionCommand.class,
            VersionCommand.class,
            CommandLine.HelpCommand.class
        },
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Begin with: sparegrid-coordinator init --public-address HOST",
            "Exit codes: 0 done, 1 failed, 2 wrong usage"
        })
public final class CoordinatorCommand {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and end.")
    boolean help;

    private CoordinatorCommand() {}

    /// Runs one command line.
    ///
    /// @return the exit code
    public static int run(String... arguments) {
        CommandLine line = line();
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            command.getErr().println("error: " + reason(failure));
            return 1;
        });
        line.setParameterExceptionHandler((wrong, given) -> {
            CommandLine command = wrong.getCommandLine();
            command.getErr().println("error: " + wrong.getMessage());
            CommandLine.UnmatchedArgumentException.printSuggestions(wrong, command.getErr());
            command.getErr().println("see " + command.getCommandSpec().qualifiedName() + " --help");
            return 2;
        });
        if (arguments.length == 0) {
            line.usage(line.getErr());
            return 2;
        }
        return line.execute(arguments);
    }

    /// The program's command line.
    static CommandLine line() {
        return new CommandLine(new CoordinatorCommand());
    }

    private static String reason(Exception failure) {
        boolean expected =
                failure instanceof IOException
                        || failure instanceof SettingsException
                        || failure instanceof RefusedException;
        return expected ? FailureText.of(failure) : failure.toString();
    }

    /// The options that every command has.
    @Command(mixinStandardHelpOptions = false)
    static final class Home {
        @Option(
                names = "--home",
                paramLabel = "DIR",
                description =
                        "The coordinator's data folder (default:"
                                + " ~/.local/share/sparegrid-coordinator).")
        Optional<Path> given = Optional.empty();

        @Option(
                names = {"-h", "--help"},
                usageHelp = true,
                description = "Show this help and end.")
        boolean help;

        Path folder() {
            return given.orElseGet(() -> {
                String data = System.getenv("XDG_DATA_HOME");
                Path parent =
                        data == null || data.isEmpty()
                                ? Path.of(System.getProperty("user.home"), ".local", "share")
                                : Path.of(data);
                return parent.resolve("sparegrid-coordinator");
            });
        }

        /// Who runs the program, as the audit log names it.
        String operator() {
            return "operator " + System.getProperty("user.name", "?");
        }

        /// The folder of a coordinator that was set up, with its settings.
        Settings settings() throws IOException, SettingsException {
            Path folder = folder();
            if (!Files.exists(folder.resolve(Settings.FILE))) {
                throw new IOException(
                        "there is no coordinator in "
                                + folder
                                + "; set one up with sparegrid-coordinator init --home "
                                + folder
                                + " --public-address HOST");
            }
            return Settings.load(folder);
        }
    }
}
