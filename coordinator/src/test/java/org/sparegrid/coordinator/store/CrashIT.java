// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Kills a process that books money, again and again, and looks at what is left.
class CrashIT {

    private static final int REPEATED_MAX = 40;
    private static final int RUNS_MAX = 4000;

    /// More than asked for, as the last may come too late.
    private static final int KILLS_MORE = 2;

    private static final int KILLS_BETWEEN_FULL_CHECKS = 20;

    private static final int KILLED = 137;

    private static final String FILE = "ledger.db";

    @TempDir private Path folder;

    Store store() {
        return new Store.Sqlite(folder.resolve(FILE));
    }

    /// So many of each buyer; a million of all eight with `-Dcrash.operations=125000`.
    int operations() {
        return Integer.getInteger("crash.operations", 1250);
    }

    /// `-Dcrash.kills=200` goes with a million.
    int kills() {
        return Integer.getInteger("crash.kills", 20);
    }

    /// How the settings name that store.
    String setting() {
        return Store.FILE;
    }

    @Test
    void losesNothingAndBooksNothingTwiceHoweverOftenItIsKilled() throws Exception {
        Long given = Long.getLong("test.seed");
        long seed = given == null ? new Random().nextLong() : given;
        try {
            crash(seed);
        } catch (AssertionError failure) {
            throw new AssertionError("fails with -Dtest.seed=" + seed, failure);
        }
    }

    private void crash(long seed) throws Exception {
        LedgerProgress progress = new LedgerProgress(seed, operations());
        Random random = new Random(seed);
        int[] done = new int[LedgerHistory.BUYERS];
        int kills = 0;
        for (int run = 0; run < RUNS_MAX && !isComplete(done); run++) {
            int[] from = done.clone();
            for (int i = 0; i < from.length; i++) {
                // A client that did not hear of its success asks again.
                from[i] = Math.max(0, from[i] - random.nextInt(REPEATED_MAX));
            }
            kills += run(seed, from, done, lines(random, done, kills)) ? 1 : 0;
            if (kills % KILLS_BETWEEN_FULL_CHECKS == 0) {
                progress = new LedgerProgress(seed, operations());
            }
            check(progress, done);
        }
        assertThat(isComplete(done)).isTrue();
        assertThat(kills).isGreaterThanOrEqualTo(kills());
        LedgerProgress whole = new LedgerProgress(seed, operations());
        check(whole, done);
        assertThat(balances()).isEqualTo(whole.balances());
        try (Database database = Database.open(store(), 1)) {
            assertThat(
                            database.<List<String>>read(
                                    tx -> tx.ledger().audit(Optional.empty()).faults()))
                    .isEmpty();
        }
        System.out.printf(
                "%s: %,d operations, %,d transfers, %d kills%n",
                getClass().getSimpleName(),
                (long) LedgerHistory.BUYERS * operations(),
                whole.transfers(),
                kills);
    }

    /// After how many operations to kill: at random, but so that enough kills fit.
    private int lines(Random random, int[] done, int kills) {
        int left = LedgerHistory.BUYERS * operations() - Arrays.stream(done).sum();
        int killsLeft = kills() + KILLS_MORE - kills;
        return killsLeft <= 0
                ? Integer.MAX_VALUE
                : 1 + random.nextInt(Math.max(1, 2 * left / (killsLeft + 1)));
    }

    /// Runs the writer until it is done, or has done so much more that it is to be killed.
    ///
    /// @return whether it was killed
    private boolean run(long seed, int[] from, int[] done, int linesMax)
            throws IOException, InterruptedException {
        Process writer = start(seed, from);
        int lines = 0;
        try (BufferedReader out = writer.inputReader()) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                // A killed process may leave half a line; what it did say counts even then.
                if (line.matches("done [0-9] [0-9]+")) {
                    String[] words = line.split(" ");
                    int buyer = Integer.parseInt(words[1]);
                    int next = Integer.parseInt(words[2]) + 1;
                    lines += next > done[buyer] ? 1 : 0;
                    done[buyer] = Math.max(done[buyer], next);
                }
                if (lines >= linesMax) {
                    break;
                }
            }
            writer.destroyForcibly();
        }
        assertThat(writer.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(writer.exitValue()).isIn(0, KILLED);
        return writer.exitValue() == KILLED;
    }

    private Process start(long seed, int[] from) throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                // SQLite unpacks its library there, and a killed process leaves it.
                                "-Djava.io.tmpdir=" + folder,
                                "-cp",
                                System.getProperty("java.class.path"),
                                LedgerWriter.class.getName(),
                                setting(),
                                folder.resolve(FILE).toString(),
                                Long.toString(seed),
                                Integer.toString(operations())));
        Arrays.stream(from).mapToObj(Integer::toString).forEach(command::add);
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }

    /// What was said to be done is there, whole; nothing is there by half; the books balance.
    private void check(LedgerProgress progress, int[] done) throws IOException, SQLException {
        try (Database database = Database.open(store(), 1)) {
            assertThat(database.<List<String>>read(tx -> tx.ledger().faults())).isEmpty();
        }
        try (Connections pool = new Connections(store(), 1);
                Connection connection = pool.readers().getConnection()) {
            progress.advance(connection);
        }
        for (int buyer = 0; buyer < done.length; buyer++) {
            assertThat(progress.whole(buyer))
                    .as("buyer %s", buyer)
                    .isGreaterThanOrEqualTo(done[buyer]);
        }
    }

    private boolean isComplete(int[] done) {
        return Arrays.stream(done).allMatch(count -> count == operations());
    }

    private Map<String, Long> balances() throws SQLException {
        Map<String, Long> balances = new HashMap<>();
        try (Connections pool = new Connections(store(), 1);
                Connection connection = pool.readers().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select id, balance from ledger_book")) {
            while (rows.next()) {
                balances.put(rows.getString(1), rows.getLong(2));
            }
        }
        return balances;
    }
}
