// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.io.PrintWriter;
import java.util.List;
import org.sparegrid.agent.config.Folders;
import org.sparegrid.agent.process.Kernel;
import org.sparegrid.protocol.json.Format;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `sparegrid-agent` and what its commands share.
@Command(
        name = "sparegrid-agent",
        description = "Sells this computer's idle time: runs buyers' live CDs as locked-up guests.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            InitCommand.class,
            JoinCommand.class,
            RunCommand.class,
            StatusCommand.class,
            OfferCommand.class,
            VmsCommand.class,
            VolumesCommand.class,
            PageCommand.class,
            WhyCommand.class,
            PauseCommand.class,
            ResumeCommand.class,
            OnlyIdleCommand.class,
            NetworkCommand.class,
            DoctorCommand.class,
            SelfTestCommand.class,
            BenchmarkCommand.class,
            ServiceCommand.class,
            UpdateCommand.class,
            PackCommand.class,
            LogsCommand.class,
            BugReportCommand.class,
            VersionCommand.class
        },
        footer = {
            "",
            "Exit codes: 0 ok, 1 failed, 2 wrong usage or settings, 4 not joined or refused,",
            "6 no answer in time, 7 coordinator unreachable, 130 interrupted."
        })
public final class AgentCommand {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--home",
            paramLabel = "DIR",
            scope = CommandLine.ScopeType.INHERIT,
            description = "Keep settings and data in this folder.")
    private String home = "";

    @Option(
            names = "--json",
            scope = CommandLine.ScopeType.INHERIT,
            description = "Print JSON with the name of its schema.")
    private boolean json;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = CommandLine.ScopeType.INHERIT,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli acts on the option itself
    private boolean help;

    /// Runs one command and returns its exit code.
    public static int execute(String... arguments) {
        return line().execute(arguments);
    }

    static CommandLine line() {
        return new CommandLine(new AgentCommand())
                .setExecutionExceptionHandler(new ExitCodes())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpWidth(80);
    }

    /// The folder given, or nothing.
    String home() {
        return home.isEmpty() ? "" : java.nio.file.Path.of(home).toAbsolutePath().toString();
    }

    /// The words of this command, as they were given.
    List<String> words() {
        return spec.commandLine().getParseResult().originalArgs();
    }

    Folders folders() {
        return Folders.of(home, System.getenv());
    }

    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /// Prints a result: for programs if `--json` was given, else for people.
    void print(String schema, Object value, String text) {
        out().println(json ? Format.JSON.writeWithSchema(schema, value) : text.stripTrailing());
        out().flush();
    }

    /// Prints what is under way, for people only.
    void progress(String line) {
        if (!json) {
            out().println(line);
            out().flush();
        }
    }

    /// Prints a result of which people have seen all by [#progress].
    void printOnlyJson(String schema, Object value) {
        if (json) {
            print(schema, value, "");
        }
    }

    /// Guests must never run as root, nor anything that talks to them.
    static void refuseRoot() {
        if (Kernel.userId() == 0) {
            throw new IllegalArgumentException(
                    "the agent never runs as root; run it as an ordinary user, for instance:"
                            + " su - USER -c 'sparegrid-agent run'");
        }
    }
}
