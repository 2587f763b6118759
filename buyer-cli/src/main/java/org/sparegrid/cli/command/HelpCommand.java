// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `help`, of commands and of topics.
@Command(
        name = "help",
        description = {"Explain a command, or one of the topics exit-codes, query, json and env."})
final class HelpCommand extends ShellCommand implements CommandTree.KnowsAllCommands {
    private static final Map<String, List<String>> TOPICS =
            new TreeMap<>(
                    Map.of(
                            "exit-codes",
                            exitCodes(),
                            "query",
                            Queries.help(),
                            "json",
                            List.of(
                                    "Every command whose result is data takes --json. The text is"
                                            + " one JSON object whose",
                                    "first member, \"schema\", names its form, such as"
                                            + " \"sparegrid.offers/1\".",
                                    "",
                                    "Members are only ever added while the number stays; ignore"
                                            + " those you don't know.",
                                    "Amounts are decimal text (\"0.05\"), times ISO 8601 in UTC,"
                                            + " sizes bytes or what the",
                                    "name says. An empty list is [] and exit code 0. Messages and"
                                            + " progress go to",
                                    "standard error and are no part of it."),
                            "env",
                            List.of(
                                    "SPAREGRID_HOME           folder of settings and keys, instead"
                                            + " of",
                                    "                         ${XDG_CONFIG_HOME:-~/.config}/sparegrid",
                                    "SPAREGRID_TOKEN          API key or session token, instead of the"
                                            + " stored one",
                                    "SPAREGRID_PASSWORD_FILE  file whose first line is the password,"
                                            + " for register and",
                                    "                         login",
                                    "SPAREGRID_CACHE          folder of base images and finished"
                                            + " layers, instead of",
                                    "                         ${XDG_CACHE_HOME:-~/.cache}/sparegrid",
                                    "SPAREGRID_BASE_ISO       Sparegrid's base live CD, instead of"
                                            + " base.iso in the cache",
                                    "NO_COLOR                 if not empty, no colours",
                                    "COLUMNS                  width of tables, 80 if not set")));

    @Spec private @Nullable CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "COMMAND|TOPIC", description = "What to explain.")
    private List<String> words = new ArrayList<>();

    @Override
    int run() throws Failure {
        if (spec == null) {
            throw new IllegalStateException("command: used outside its command line");
        }
        if (words.size() == 1 && TOPICS.containsKey(words.getFirst())) {
            TOPICS.getOrDefault(words.getFirst(), List.of()).forEach(terminal()::print);
            return 0;
        }
        CommandLine found = spec.root().commandLine();
        for (String word : words) {
            CommandLine next = found.getSubcommands().get(word);
            if (next == null) {
                throw new Failure(
                        ExitCode.NOT_FOUND,
                        "there is no command or topic '"
                                + String.join(" ", words)
                                + "'; topics are "
                                + String.join(", ", TOPICS.keySet()));
            }
            found = next;
        }
        terminal().out().print(found.getUsageMessage());
        return 0;
    }

    private static List<String> exitCodes() {
        List<String> lines = new ArrayList<>();
        for (ExitCode code : ExitCode.values()) {
            lines.add(String.format("%4d  %s", code.number(), code.meaning()));
        }
        lines.add("");
        lines.add("vm exec and vm ssh end with the exit code of the command that ran on the");
        lines.add("machine; if the machine could not be reached, with 7 instead of ssh's 255.");
        return lines;
    }
}
