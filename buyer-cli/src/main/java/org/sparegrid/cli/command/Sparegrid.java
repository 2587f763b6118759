// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.context.Context;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.cli.output.Terminal;
import org.sparegrid.protocol.FailureText;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;

/// The program's root command, and how it is run.
@Command(
        name = "sparegrid",
        description = {
            "Rent idle computers as machines of your own private Ethernet.",
            "",
            "A first run: register, wallet deposit 20, image push my.iso --name my,",
            "run my -n 2, vm ssh node1, order stop my."
        },
        footer = "More: sparegrid help exit-codes | query | json | env",
        subcommands = {
            AccountCommands.Register.class,
            AccountCommands.Login.class,
            AccountCommands.Logout.class,
            AccountCommands.WhoAmICommand.class,
            AccountCommands.JoinToken.class,
            KeyCommand.class,
            SshKeyCommand.class,
            WalletCommand.class,
            ImageCommand.class,
            MarketCommands.OffersCommand.class,
            PricesCommand.class,
            MarketCommands.QuoteCommand.class,
            ExplainCommand.class,
            RateCommands.Rate.class,
            RateCommands.SalesCommand.class,
            DisputeCommands.Raise.class,
            DisputeCommands.List.class,
            RuleCommands.Block.class,
            RuleCommands.Allow.class,
            RuleCommands.List.class,
            RunCommand.class,
            VolumeCommand.class,
            OrderCommand.class,
            MachineCommand.class,
            NetworkCommand.class,
            AttestCommand.class,
            SecretCommand.class,
            DoctorCommand.class,
            HelpCommand.class,
            CompletionCommand.class,
            VersionCommand.class
        })
public final class Sparegrid extends GroupCommand {
    Sparegrid() {}

    /// Runs the command line `arguments` and gives its exit code.
    public static int run(List<String> arguments, Map<String, String> environment) {
        Terminal terminal = Terminal.system(environment);
        return commandLine(
                        new Shell(
                                terminal,
                                environment,
                                Context.of(environment),
                                Clock.system(java.time.ZoneId.systemDefault())),
                        arguments)
                .execute(arguments.toArray(String[]::new));
    }

    /// The command line with all commands.
    static CommandLine commandLine(Shell shell) {
        return commandLine(shell, List.of());
    }

    /// The command line with the commands that running `words` may need.
    static CommandLine commandLine(Shell shell, List<String> words) {
        Sparegrid root = new Sparegrid();
        root.enter(shell);
        CommandLine line = CommandTree.of(words, root, new ShellFactory(shell));
        line.setOut(writer(shell.terminal().out()));
        line.setErr(writer(shell.terminal().err()));
        line.setColorScheme(
                CommandLine.Help.defaultColorScheme(
                        shell.terminal().colour() ? Ansi.ON : Ansi.OFF));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExpandAtFiles(false);
        line.setParameterExceptionHandler((wrong, _) -> usage(shell.terminal(), wrong));
        line.setExecutionExceptionHandler((failure, _, _) -> failed(shell.terminal(), failure));
        return line;
    }

    private static java.io.PrintWriter writer(java.io.PrintStream stream) {
        return new java.io.PrintWriter(stream, true, java.nio.charset.StandardCharsets.UTF_8);
    }

    private static int usage(Terminal terminal, CommandLine.ParameterException wrong) {
        String command = wrong.getCommandLine().getCommandSpec().qualifiedName();
        terminal.note(terminal.bad("error: ") + String.valueOf(wrong.getMessage()));
        List<String> near =
                wrong instanceof CommandLine.UnmatchedArgumentException unmatched
                        ? unmatched.getSuggestions()
                        : List.of();
        if (!near.isEmpty()) {
            terminal.note("Did you mean " + String.join(" or ", near) + "?");
        }
        terminal.note("See " + command + " --help");
        return ExitCode.USAGE.number();
    }

    private static int failed(Terminal terminal, Exception failure) {
        ExitCode code = ExitCode.of(failure);
        if (failure instanceof RuntimeException) {
            // Looked up here only: to set up logging would be a third of a short command's time.
            System.getLogger(Sparegrid.class.getName())
                    .log(System.Logger.Level.ERROR, "command failed", failure);
            terminal.note(
                    terminal.bad("error: ")
                            + "this is a fault of the program: "
                            + failure
                            + "; its log has the details");
            return code.number();
        }
        terminal.note(terminal.bad("error: ") + message(failure));
        if (failure instanceof RefusedException refused) {
            refused.problem().errors().forEach(e -> terminal.note("  - " + Plain.line(e)));
            advice(refused).lines().forEach(terminal::note);
        }
        return code.number();
    }

    private static String message(Exception failure) {
        if (failure instanceof InterruptedException && failure.getMessage() == null) {
            return "interrupted";
        }
        return String.join("\n  ", FailureText.of(failure).lines().map(Plain::line).toList());
    }

    private static String advice(RefusedException refused) {
        return switch (refused.name()) {
            case "unauthenticated" -> "Run sparegrid login";
            case "funds" -> "Put money in with sparegrid wallet deposit AMOUNT";
            case "no-match" -> "See what there is with sparegrid offers";
            default -> "";
        };
    }

    /// Makes commands and lets them know their shell.
    private record ShellFactory(Shell shell) implements CommandLine.IFactory {
        @Override
        public <K> K create(Class<K> type) throws Exception {
            K made = CommandLine.defaultFactory().create(type);
            if (made instanceof ShellCommand command) {
                command.enter(shell);
            }
            return made;
        }
    }
}
