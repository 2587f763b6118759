// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IFactory;
import picocli.CommandLine.Model.CommandSpec;

/// The commands below the root, or only the one that is called: to read what each of all of them
/// takes costs ten times as much as one, at every start.
final class CommandTree {
    private CommandTree() {}

    /// The command line that runs `words`. If they begin with the full name of one command, it
    /// holds no other; help, faults in the name and options before it need all of them.
    static CommandLine of(List<String> words, ShellCommand root, IFactory factory) {
        Deque<Class<?>> path = new ArrayDeque<>();
        path.add(root.getClass());
        for (String word : words) {
            Optional<Class<?>> next = below(path.getLast(), word);
            if (next.isEmpty()) {
                break;
            }
            path.add(next.get());
        }
        return standsAlone(path.getLast()) ? single(path, factory) : new CommandLine(root, factory);
    }

    private static boolean standsAlone(Class<?> command) {
        return !GroupCommand.class.isAssignableFrom(command)
                && !KnowsAllCommands.class.isAssignableFrom(command);
    }

    private static Optional<Class<?>> below(Class<?> group, String name) {
        for (Class<?> command : annotation(group).subcommands()) {
            if (annotation(command).name().equals(name)) {
                return Optional.of(command);
            }
        }
        return Optional.empty();
    }

    private static CommandLine single(Deque<Class<?>> path, IFactory factory) {
        CommandLine line = new CommandLine(path.removeLast(), factory);
        while (!path.isEmpty()) {
            CommandLine group =
                    new CommandLine(
                            CommandSpec.create().name(annotation(path.removeLast()).name()),
                            factory);
            group.addSubcommand(line);
            line = group;
        }
        return line;
    }

    private static Command annotation(Class<?> command) {
        Command annotation = command.getAnnotation(Command.class);
        if (annotation == null) {
            throw new IllegalStateException("command: " + command + " has no name");
        }
        return annotation;
    }

    /// A command that tells of others.
    interface KnowsAllCommands {}
}
