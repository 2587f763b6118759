// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.sparegrid.cli.bridge.Ssh;
import org.sparegrid.cli.client.RefusedException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The commands that do something on a machine through ssh.
final class RemoteCommands {
    private RemoteCommands() {}

    private static int code(int ssh) {
        return ssh == Ssh.NOT_CONNECTED ? ExitCode.UNREACHABLE.number() : ssh;
    }

    @Command(
            name = "ssh",
            description = "Log in to a machine as root; behind -- stands a shell command to run.",
            footer = "Ends with the exit code of what ran there, or with 7 if unreachable.")
    static final class SshCommand extends ShellCommand {
        @Parameters(index = "0", paramLabel = "NAME", description = "The machine.")
        private String name = "";

        @Parameters(
                index = "1..*",
                arity = "0..*",
                paramLabel = "COMMAND",
                description = "What to run there, as a shell reads it.")
        private List<String> command = new ArrayList<>();

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Choice.Machine machine = Choice.running(shell(), coordinator(), name);
            Ssh ssh = Reach.ssh(shell(), machine.order());
            return code(Ssh.run(ssh.ssh(machine.lease(), List.of(), command)));
        }
    }

    @Command(
            name = "exec",
            description = {
                "Run a program on a machine as root: vm exec node1 -- uname -a",
                "Its arguments arrive as they are; no shell changes them."
            },
            footer = "Ends with the program's exit code, or with 7 if unreachable.")
    static final class Exec extends ShellCommand {
        @Parameters(index = "0", paramLabel = "NAME", description = "The machine.")
        private String name = "";

        @Parameters(
                index = "1..*",
                arity = "1..*",
                paramLabel = "PROGRAM",
                description = "The program and its arguments.")
        private List<String> command = new ArrayList<>();

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Choice.Machine machine = Choice.running(shell(), coordinator(), name);
            Ssh ssh = Reach.ssh(shell(), machine.order());
            List<String> quoted = command.stream().map(Ssh::quoted).toList();
            return code(Ssh.run(ssh.ssh(machine.lease(), List.of("-T"), quoted)));
        }
    }

    @Command(
            name = "cp",
            description = {
                "Copy a file from or to a machine: vm cp node1:result.txt .",
                "One of the two has the form NAME:PATH."
            })
    static final class Copy extends ShellCommand {
        @Parameters(index = "0", paramLabel = "FROM", description = "A path, or NAME:PATH.")
        private String from = "";

        @Parameters(index = "1", paramLabel = "TO", description = "A path, or NAME:PATH.")
        private String to = "";

        @Option(
                names = {"-r", "--recursive"},
                description = "Copy folders, too.")
        private boolean recursive;

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            boolean download = isRemote(from);
            if (download == isRemote(to)) {
                throw new Failure(
                        ExitCode.USAGE,
                        "expected NAME:PATH as exactly one of the two, got " + from + " and " + to);
            }
            String remote = download ? from : to;
            int colon = remote.indexOf(':');
            String path = Ssh.REMOTE + remote.substring(colon + 1);
            Choice.Machine machine =
                    Choice.running(shell(), coordinator(), remote.substring(0, colon));
            Ssh ssh = Reach.ssh(shell(), machine.order());
            String here = local(download ? to : from);
            int code =
                    Ssh.run(
                            ssh.scp(
                                    machine.lease(),
                                    recursive,
                                    download ? path : here,
                                    download ? here : path));
            return code(code);
        }

        /// Whether the text names a file of a machine, by scp's rule: a colon before any slash.
        static boolean isRemote(String text) {
            int colon = text.indexOf(':');
            int slash = text.indexOf('/');
            return colon > 0 && (slash < 0 || colon < slash);
        }

        private static String local(String path) {
            return path.startsWith("-") ? "./" + path : path;
        }
    }
}
