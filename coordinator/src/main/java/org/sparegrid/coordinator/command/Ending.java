// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.function.Function;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.json.Format;
import picocli.CommandLine.Model.CommandSpec;

/// Has the coordinator that serves end something: the database has what is to be ended, and the
/// coordinator looks there every second.
final class Ending {
    /// How long a coordinator has for it, before we say that none seems to serve.
    private static final Duration PATIENCE = Duration.ofSeconds(6);

    private static final Duration PAUSE = Duration.ofMillis(100);

    private final CoordinatorCommand.Home home;
    private final CommandSpec spec;
    private final boolean json;

    Ending(CoordinatorCommand.Home home, CommandSpec spec, boolean json) {
        this.home = home;
        this.spec = spec;
        this.json = json;
    }

    /// What became of it.
    ///
    /// @param done whether a coordinator took it up
    /// @param state where it stands then
    record Result(String what, boolean done, String state) {}

    /// Writes down that it is to be ended, and waits until it is done.
    ///
    /// @param state where it stands
    void run(String what, Database.Work<Boolean> ask, Function<Transaction, String> state)
            throws Exception {
        Settings settings = home.settings();
        try (Database database = Database.open(settings.store(home.folder()), 1)) {
            database.write(ask);
            long end = System.nanoTime() + PATIENCE.toNanos();
            Result result = look(database, what, state);
            while (!result.done && System.nanoTime() < end) {
                Thread.sleep(PAUSE);
                result = look(database, what, state);
            }
            print(result);
        }
    }

    private static Result look(
            Database database, String what, Function<Transaction, String> state) {
        return database.read(tx -> new Result(what, !tx.stops().isAsked(what), state.apply(tx)));
    }

    private void print(Result result) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Format.JSON.writeWithSchema("sparegrid.ending/1", result));
        } else if (result.done) {
            out.println(result.what + " is " + result.state);
        } else {
            out.println(
                    result.what
                            + " is ended as soon as a coordinator serves; none did so within "
                            + PATIENCE.toSeconds()
                            + " s");
        }
    }
}
