// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.output.Terminal;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.api.ConsolePart;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The commands about a machine's serial console.
final class ConsoleCommands {
    private static final Duration WAIT = Duration.ofSeconds(20);

    /// Ctrl and `]`, as telnet and virsh have it.
    private static final byte QUIT = 0x1d;

    private ConsoleCommands() {}

    /// Shows what the console writes from `from` on.
    ///
    /// @param follow whether to wait for more until the machine ends or `stopped` is set
    private static void show(
            Terminal terminal,
            Coordinator coordinator,
            LeaseId lease,
            boolean follow,
            AtomicBoolean stopped)
            throws IOException, RefusedException, InterruptedException {
        long from = 0;
        while (!stopped.get()) {
            ConsolePart part = coordinator.console(lease, from, follow ? WAIT : Duration.ZERO);
            byte[] bytes = part.bytes().toBytes();
            terminal.out().write(bytes, 0, bytes.length);
            terminal.out().flush();
            from = part.offset() + bytes.length;
            if (bytes.length == 0 && (part.ended() || !follow)) {
                return;
            }
        }
    }

    @Command(
            name = "logs",
            description = "Print what a machine wrote to its serial console, from the beginning.")
    static final class Logs extends ShellCommand {
        @Parameters(paramLabel = "NAME", description = "The machine.")
        private String name = "";

        @Option(
                names = {"-f", "--follow"},
                description = "Go on until the machine ends.")
        private boolean follow;

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Coordinator coordinator = coordinator();
            LeaseId lease = Choice.machine(coordinator, name).lease().id();
            show(terminal(), coordinator, lease, follow, new AtomicBoolean());
            return 0;
        }
    }

    @Command(name = "console", description = "Use a machine's serial console; Ctrl-] leaves it.")
    static final class Console extends ShellCommand {
        private static final int KEYS_MAX = 1024;

        @Parameters(paramLabel = "NAME", description = "The machine.")
        private String name = "";

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            if (!terminal().interactive()) {
                throw new Failure(
                        ExitCode.USAGE,
                        "the console needs a terminal; sparegrid vm logs -f only reads it");
            }
            Coordinator coordinator = coordinator();
            LeaseId lease = Choice.machine(coordinator, name).lease().id();
            terminal().note("Console of " + name + "; Ctrl-] leaves it");
            String before = stty(List.of("-g"));
            AtomicBoolean stopped = new AtomicBoolean();
            Thread reader = Thread.currentThread();
            Thread typing =
                    Thread.ofPlatform()
                            .daemon()
                            .name("keys")
                            .start(() -> type(coordinator, lease, stopped, reader));
            try {
                stty(List.of("raw", "-echo"));
                show(terminal(), coordinator, lease, true, stopped);
            } catch (InterruptedException quit) {
                if (!stopped.get()) {
                    throw quit;
                }
            } finally {
                typing.interrupt();
                Thread.interrupted();
                stty(List.of(before.strip()));
                terminal().note("");
            }
            return 0;
        }

        private static void type(
                Coordinator coordinator, LeaseId lease, AtomicBoolean stopped, Thread reader) {
            byte[] keys = new byte[KEYS_MAX];
            InputStream in = System.in;
            try {
                int length = in.read(keys);
                while (length >= 0) {
                    int quit = quitAt(keys, length);
                    int typed = quit < 0 ? length : quit;
                    if (typed > 0) {
                        coordinator.type(lease, Arrays.copyOf(keys, typed));
                    }
                    if (quit >= 0) {
                        break;
                    }
                    length = in.read(keys);
                }
            } catch (IOException | RefusedException gone) {
                // The reading side meets the same end and says so.
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
            stopped.set(true);
            reader.interrupt();
        }

        private static int quitAt(byte[] keys, int length) {
            for (int i = 0; i < length; i++) {
                if (keys[i] == QUIT) {
                    return i;
                }
            }
            return -1;
        }

        private static String stty(List<String> arguments)
                throws IOException, InterruptedException {
            List<String> command = new java.util.ArrayList<>(List.of("stty"));
            command.addAll(arguments);
            Process process =
                    new ProcessBuilder(command)
                            .redirectInput(new File("/dev/tty"))
                            .redirectErrorStream(true)
                            .start();
            String said =
                    new String(
                            process.getInputStream().readAllBytes(),
                            java.nio.charset.StandardCharsets.UTF_8);
            if (!process.waitFor(5, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException("stty failed: " + said.strip());
            }
            return said;
        }
    }
}
