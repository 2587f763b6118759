// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.sparegrid.cli.context.Context;
import org.sparegrid.cli.output.Terminal;
import picocli.CommandLine;

/// What holds for every command.
class CommandContractTest {
    /// Streams, terminals and texts for people; all else is data.
    private static final Set<String> NOT_DATA =
            Set.of(
                    "sparegrid image run",
                    "sparegrid vm console",
                    "sparegrid vm logs",
                    "sparegrid vm ssh",
                    "sparegrid vm exec",
                    "sparegrid vm cp",
                    "sparegrid net capture",
                    "sparegrid net daemon",
                    "sparegrid net connect",
                    "sparegrid completion",
                    "sparegrid help");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private CommandLine line() {
        return line(List.of());
    }

    private CommandLine line(List<String> words) {
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        return Sparegrid.commandLine(
                new Shell(
                        new Terminal(stream, stream, false, false, 80),
                        Map.of(),
                        Context.of(Map.of("SPAREGRID_HOME", "/nonexistent")),
                        Clock.systemUTC()),
                words);
    }

    private static List<CommandLine> all(CommandLine root) {
        List<CommandLine> found = new ArrayList<>(List.of(root));
        root.getSubcommands().values().forEach(sub -> found.addAll(all(sub)));
        return found;
    }

    @Test
    void explainsItselfWithinEightyColumns() {
        List<CommandLine> commands = all(line());
        assertThat(commands).hasSizeGreaterThan(40);
        for (CommandLine command : commands) {
            String name = command.getCommandSpec().qualifiedName();
            out.reset();
            List<String> words = new ArrayList<>(List.of(name.split(" ")));
            words.removeFirst();
            words.add("--help");
            assertThat(line().execute(words.toArray(String[]::new))).as(name).isZero();
            String help = out.toString(StandardCharsets.UTF_8);
            assertThat(help).as(name).startsWith("Usage: " + name);
            assertThat(help.lines()).as(name).allMatch(text -> text.length() <= 80);
            var usage = command.getCommandSpec().usageMessage();
            assertThat(usage.description()).as(name).isNotEmpty();
            // A paragraph of several lines is broken by hand, and must not be broken once more.
            for (String[] paragraph : List.of(usage.description(), usage.footer())) {
                assertThat(paragraph)
                        .as(name)
                        .allMatch(text -> paragraph.length == 1 || longest(text) < 80);
            }
        }
    }

    private static int longest(String text) {
        return Arrays.stream(text.split("%n", -1)).mapToInt(String::length).max().orElse(0);
    }

    @Test
    void aCommandIsTheSameWithoutTheOthers() {
        for (CommandLine command : all(line())) {
            List<String> words =
                    new ArrayList<>(List.of(command.getCommandSpec().qualifiedName().split(" ")));
            words.removeFirst();
            CommandLine same = line(words);
            int commands = all(same).size();
            for (String word : words) {
                same = same.getSubcommands().get(word);
            }
            assertThat(same.getUsageMessage()).isEqualTo(command.getUsageMessage());
            boolean single =
                    command.getSubcommands().isEmpty()
                            && !(command.getCommand() instanceof CommandTree.KnowsAllCommands);
            assertThat(commands == words.size() + 1).as(words.toString()).isEqualTo(single);
        }
    }

    @Test
    void everyCommandWithDataHasJson() {
        for (CommandLine command : all(line())) {
            String name = command.getCommandSpec().qualifiedName();
            boolean group = !command.getSubcommands().isEmpty();
            boolean json = command.getCommandSpec().findOption("--json") != null;
            assertThat(json).as(name).isEqualTo(!group && !NOT_DATA.contains(name));
        }
    }

    @Test
    void aWrongCommandLineEndsWithTwoAndAHint() {
        assertThat(line().execute("offrs")).isEqualTo(2);
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("Did you mean offers");
        assertThat(line().execute("run", "x", "--for", "soon")).isEqualTo(2);
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("expected a time such as 90s");
        assertThat(line().execute("vm")).isEqualTo(2);
    }

    @Test
    void everyExitCodeIsExplained() {
        assertThat(line().execute("help", "exit-codes")).isZero();
        for (ExitCode code : ExitCode.values()) {
            assertThat(out.toString(StandardCharsets.UTF_8)).contains(code.meaning());
        }
    }

    @Test
    void completesEveryVisibleCommand() {
        assertThat(line().execute("completion")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("deposit", "inspect", "peers");
    }
}
