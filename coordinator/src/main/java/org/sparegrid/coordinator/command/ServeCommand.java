// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.sparegrid.coordinator.api.Forwarder;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.store.Leadership;
import org.sparegrid.coordinator.store.Store;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// Runs the coordinator until it is told to stop.
@Command(
        name = "serve",
        description = "Run the coordinator in the foreground until Ctrl-C or SIGTERM.")
final class ServeCommand implements Callable<Integer> {
    private static final System.Logger LOGGER = System.getLogger(ServeCommand.class.getName());

    /// How often a node looks whether it is to lead, or still does.
    private static final int TURN_MILLIS = 500;

    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        serve(home, spec.commandLine().getOut());
        return 0;
    }

    static void serve(CoordinatorCommand.Home home, PrintWriter out) throws Exception {
        Settings settings = home.settings();
        CountDownLatch stop = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    stop.countDown();
                                    await(stopped);
                                },
                                "stop"));
        try {
            switch (settings.store(home.folder())) {
                case Store.Sqlite _ -> {
                    try (RunningCoordinator coordinator =
                            RunningCoordinator.open(home.folder(), settings)) {
                        announce(settings, coordinator, out);
                        stop.await();
                    }
                }
                case Store.Postgres server -> {
                    try (Leadership leadership = Leadership.open(server, settings.reachedAt())) {
                        serveInTurn(home.folder(), settings, leadership, stop, out);
                    }
                }
            }
        } finally {
            stopped.countDown();
        }
    }

    /// Stands by while another node leads, and serves while this one does.
    private static void serveInTurn(
            Path folder,
            Settings settings,
            Leadership leadership,
            CountDownLatch stop,
            PrintWriter out)
            throws Exception {
        while (stop.getCount() > 0) {
            if (!leadership.take()) {
                standBy(settings, leadership, stop, out);
            }
            try {
                lead(folder, settings, leadership, stop, out);
            } catch (IOException | RuntimeException failure) {
                if (leadership.isLeading()) {
                    throw failure;
                }
                // What it still had to write when another took over was refused, as it must be.
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        () -> "node was replaced cause=" + failure.getMessage());
            }
        }
    }

    private static void lead(
            Path folder,
            Settings settings,
            Leadership leadership,
            CountDownLatch stop,
            PrintWriter out)
            throws IOException, InterruptedException {
        if (!leadership.isLeading()) {
            return;
        }
        try (RunningCoordinator coordinator =
                RunningCoordinator.open(folder, settings, leadership)) {
            announce(settings, coordinator, out);
            boolean stopping = false;
            while (leadership.isLeading() && !stopping) {
                stopping = stop.await(TURN_MILLIS, MILLISECONDS);
            }
        }
    }

    private static void standBy(
            Settings settings, Leadership leadership, CountDownLatch stop, PrintWriter out)
            throws IOException, InterruptedException {
        try (Forwarder _ =
                Forwarder.open(settings.listenAddress(), settings.port(), leadership::leader)) {
            String behind = "";
            boolean done = false;
            while (!done) {
                String leader = leadership.leader().orElse("nobody");
                if (!leader.equals(behind)) {
                    out.println("standing by behind " + leader);
                    out.flush();
                    behind = leader;
                }
                done = stop.await(TURN_MILLIS, MILLISECONDS) || takes(leadership);
            }
        }
    }

    /// Whether this node leads from now on. The server may be away for a while.
    private static boolean takes(Leadership leadership) {
        try {
            return leadership.take();
        } catch (RuntimeException unreachable) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    () -> "leadership not asked for cause=" + unreachable.getMessage());
            return false;
        }
    }

    private static void announce(
            Settings settings, RunningCoordinator coordinator, PrintWriter out) {
        for (String address : settings.publicAddresses()) {
            out.println("serving https://" + address + ":" + coordinator.port());
        }
        out.println("authority " + coordinator.fingerprint());
        coordinator
                .ssh()
                .ifPresent(ssh ->
                        out.println("ssh port " + ssh.port() + " host key " + ssh.hostKey()));
        out.flush();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
