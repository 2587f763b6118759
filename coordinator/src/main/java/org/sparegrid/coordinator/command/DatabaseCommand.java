// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.sparegrid.coordinator.audit.Finding;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.coordinator.store.Store;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Keeps the database.
@Command(
        name = "db",
        description = "Keep the database.",
        subcommands = {DatabaseCommand.Backup.class, DatabaseCommand.Restore.class},
        synopsisSubcommandLabel = "COMMAND")
final class DatabaseCommand implements Callable<Integer> {
    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return 2;
    }

    /// Copies the database while it is in use.
    @Command(
            name = "backup",
            description = "Copy the database as it is now; may run beside a coordinator.")
    static final class Backup implements Callable<Integer> {
        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Parameters(paramLabel = "FILE", description = "The copy; it must not exist.")
        Path file = Path.of("");

        @Override
        public Integer call() throws Exception {
            Settings settings = home.settings();
            if (Files.exists(file)) {
                throw new IOException(file + " exists already; choose another name");
            }
            try (Database database = Database.open(settings.store(home.folder()), 1)) {
                database.backUp(file);
            }
            spec.commandLine()
                    .getOut()
                    .println("copied to " + file + ", " + Files.size(file) + " bytes");
            return 0;
        }
    }

    /// Puts a copy back.
    @Command(
            name = "restore",
            description =
                    "Put a copy back in the place of the database, once its books are found good."
                            + " What was there is kept under another name. No coordinator may"
                            + " serve the folder meanwhile.")
    static final class Restore implements Callable<Integer> {
        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Parameters(paramLabel = "FILE", description = "A copy that db backup made.")
        Path file = Path.of("");

        @Override
        public Integer call() throws Exception {
            Settings settings = home.settings();
            if (!(settings.store(home.folder()) instanceof Store.Sqlite(Path place))) {
                throw new IOException(
                        "PostgreSQL keeps this coordinator's tables; put them back with pg_restore"
                                + " --clean --dbname=NAME "
                                + file);
            }
            if (!Files.isRegularFile(file)) {
                throw new IOException("there is no file " + file);
            }
            Path fresh = place.resolveSibling("restore.tmp");
            try (FileChannel _ = RunningCoordinator.reserve(home.folder())) {
                long transfers = check(fresh);
                Optional<Path> kept = setAside(place);
                Files.move(fresh, place, StandardCopyOption.ATOMIC_MOVE);
                PrintWriter out = spec.commandLine().getOut();
                out.println("restored " + transfers + " transfers from " + file);
                kept.ifPresent(old -> out.println("what was there is kept as " + old));
            } finally {
                Files.deleteIfExists(fresh);
            }
            return 0;
        }

        /// Copies the file and looks whether it is good.
        ///
        /// @return how many transfers it has
        private long check(Path fresh) throws IOException {
            Files.copy(file, fresh, StandardCopyOption.REPLACE_EXISTING);
            try (Database database = Database.open(new Store.Sqlite(fresh), 1)) {
                Finding books = database.read(tx -> tx.ledger().audit(Optional.empty()));
                Finding log = database.read(tx -> tx.audit().verify(Optional.empty()));
                List<String> faults = new ArrayList<>(books.faults());
                faults.addAll(log.faults());
                if (!faults.isEmpty()) {
                    throw new IOException(
                            file + " has faults; nothing was changed: " + faults.getFirst());
                }
                database.write(tx -> {
                    tx.audit()
                            .add(
                                    home.operator(),
                                    "database-restored",
                                    "",
                                    "from " + file.getFileName(),
                                    Instant.now());
                    return true;
                });
                return books.records();
            } catch (RuntimeException strange) {
                throw new IOException(
                        file + " is no database of a coordinator; nothing was changed", strange);
            }
        }

        /// Moves the database away with what belongs to it.
        private static Optional<Path> setAside(Path place) throws IOException {
            if (!Files.exists(place)) {
                return Optional.empty();
            }
            String name = place.getFileName() + ".before-" + Instant.now().getEpochSecond();
            for (String part : List.of("", "-wal", "-shm")) {
                Path one = place.resolveSibling(place.getFileName() + part);
                if (Files.exists(one)) {
                    Files.move(one, place.resolveSibling(name + part));
                }
            }
            return Optional.of(place.resolveSibling(name));
        }
    }
}
