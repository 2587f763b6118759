// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.bridge;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.context.DaemonState;
import org.sparegrid.cli.context.NetworkFolder;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.OrderId;

/// Starts and stops network daemons, each a process of this same program.
public final class DaemonLauncher {
    private static final Duration START_MAX = Duration.ofSeconds(40);
    private static final Duration LOOK_EVERY = Duration.ofMillis(100);
    private static final int STOP_SECONDS_MAX = 10;

    /// A small young generation, and memory given back that compilers are done with, at no cost of
    /// speed: what carries a network settles at 93 MB where it stayed at 120 (`bin/bench overlay`).
    /// As in `bin/sparegrid-agent`.
    private static final List<String> FRUGAL =
            List.of(
                    "-Xms16m",
                    "-Xmn6m",
                    "-Xss256k",
                    "-XX:MinHeapFreeRatio=5",
                    "-XX:MaxHeapFreeRatio=10",
                    "-XX:+UseCompactObjectHeaders",
                    "-XX:TrimNativeHeapInterval=10000",
                    "-XX:ReservedCodeCacheSize=48m",
                    "-XX:-UsePerfData");

    private final Map<String, String> environment;

    public DaemonLauncher(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /// The command that runs this program with `arguments` in another process.
    ///
    /// @param lasting whether it will run for long and move much data: the fast compiler that short
    ///   commands are run with makes slow cryptography
    public static List<String> program(boolean lasting, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(
                ProcessHandle.current()
                        .info()
                        .command()
                        .orElse(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString()));
        command.addAll(List.of("-XX:+UseSerialGC", "-Xshare:auto", "-Xmx256m"));
        if (lasting) {
            command.addAll(FRUGAL);
        } else {
            command.add("-XX:TieredStopAtLevel=1");
        }
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add("org.sparegrid.cli.Main");
        command.addAll(arguments);
        return command;
    }

    /// Whether this process may make network devices.
    public static boolean mayMakeDevices() throws IOException {
        if (!Files.exists(Path.of("/dev/net/tun"))) {
            return false;
        }
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("CapEff:")) {
                long effective = Long.parseUnsignedLong(line.substring(7).strip(), 16);
                return (effective & 1L << 12) != 0;
            }
        }
        return false;
    }

    /// Starts a daemon and waits until it is on the network.
    ///
    /// @throws IOException with what the daemon said if it ended
    public DaemonState start(NetworkFolder folder, OrderId order, String mode, GatewaySetup gateway)
            throws IOException, InterruptedException {
        folder.make();
        folder.forgetDaemon();
        File log = folder.logFile().toFile();
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(Path.of("/usr/bin/setsid"))) {
            command.add("/usr/bin/setsid");
        }
        List<String> arguments =
                new ArrayList<>(List.of("net", "daemon", order.value(), "--mode", mode));
        arguments.addAll(gateway.arguments());
        command.addAll(program(true, arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectInput(new File("/dev/null"))
                        .redirectOutput(log)
                        .redirectError(log);
        builder.environment().putAll(environment);
        builder.environment().putIfAbsent("MALLOC_ARENA_MAX", "1");
        Process process = builder.start();
        long end = System.nanoTime() + START_MAX.toNanos();
        while (System.nanoTime() < end && process.isAlive()) {
            Optional<DaemonState> state = folder.daemon();
            if (state.isPresent()) {
                return state.get();
            }
            Thread.sleep(LOOK_EVERY);
        }
        process.destroy();
        String said = Files.readString(log.toPath(), StandardCharsets.UTF_8).strip();
        throw new IOException(
                "the network daemon did not start: "
                        + (said.isEmpty() ? "see " + log : said.replaceFirst("^error: ", "")));
    }

    /// Stops the daemon of a network and removes what one that was killed left behind.
    ///
    /// @return whether there was any
    public boolean stop(NetworkFolder folder, Coordinator coordinator)
            throws IOException, RefusedException, InterruptedException {
        Optional<DaemonState> recorded = folder.recorded();
        if (recorded.filter(DaemonState::lives).isEmpty()) {
            folder.undoLog().undo();
        }
        if (recorded.isEmpty()) {
            folder.forgetDaemon();
            return false;
        }
        DaemonState state = recorded.get();
        if (state.lives()) {
            end(folder, state);
        } else {
            leave(folder, coordinator, state);
        }
        folder.undoLog().undo();
        folder.forgetDaemon();
        return true;
    }

    private static void end(NetworkFolder folder, DaemonState state)
            throws IOException, InterruptedException {
        Optional<ProcessHandle> process = ProcessHandle.of(state.pid());
        try {
            new ControlClient(folder.socket()).stop();
        } catch (IOException deaf) {
            process.ifPresent(ProcessHandle::destroy);
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(STOP_SECONDS_MAX);
        while (state.lives() && System.nanoTime() < end) {
            Thread.sleep(LOOK_EVERY);
        }
        if (state.lives()) {
            process.ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    private static void leave(NetworkFolder folder, Coordinator coordinator, DaemonState state)
            throws IOException, RefusedException, InterruptedException {
        try {
            coordinator.leave(folder.network(), new MemberId(state.member()));
        } catch (RefusedException gone) {
            if (!gone.name().equals("not-found")) {
                throw gone;
            }
        }
    }
}
