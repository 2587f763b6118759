// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.sparegrid.coordinator.config.Settings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// Runs the coordinator until it is told to stop.
@Command(
        name = "serve",
        description = "Run the coordinator in the foreground until Ctrl-C or SIGTERM.")
final class ServeCommand implements Callable<Integer> {
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
        try (RunningCoordinator coordinator = RunningCoordinator.open(home.folder(), settings)) {
            Runtime.getRuntime()
                    .addShutdownHook(
                            new Thread(
                                    () -> {
                                        stop.countDown();
                                        await(stopped);
                                    },
                                    "stop"));
            for (String address : settings.publicAddresses()) {
                out.println("serving https://" + address + ":" + coordinator.port());
            }
            out.println("authority " + coordinator.fingerprint());
            out.flush();
            stop.await();
        } finally {
            stopped.countDown();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
