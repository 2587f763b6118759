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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.ledger.Transfer;

/// Kills a process that books money, again and again, and looks at what is left.
class CrashIT {

    private static final int REPEATED_MAX = 40;
    private static final int RUNS_MAX = 4000;
    private static final int LINES_LEAST = 50;

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
        LedgerHistory history = new LedgerHistory(seed, operations());
        Random random = new Random(seed);
        int[] done = new int[LedgerHistory.BUYERS];
        // So many operations at random between kills that there are more than enough kills.
        int linesMore = Math.max(1, LedgerHistory.BUYERS * operations() / kills());
        int kills = 0;
        for (int run = 0; run < RUNS_MAX && !isComplete(done); run++) {
            int[] from = done.clone();
            for (int i = 0; i < from.length; i++) {
                // A client that did not hear of its success asks again.
                from[i] = Math.max(0, from[i] - random.nextInt(REPEATED_MAX));
            }
            kills += run(seed, from, done, LINES_LEAST + random.nextInt(linesMore)) ? 1 : 0;
            check(history, done);
        }
        assertThat(isComplete(done)).isTrue();
        assertThat(kills).isGreaterThanOrEqualTo(kills());
        assertThat(balances()).isEqualTo(history.balances());
        try (Database database = Database.open(store(), 1)) {
            assertThat(database.<Long>read(tx -> tx.ledger().transfers()))
                    .isEqualTo(history.transfers());
        }
        System.out.println(
                getClass().getSimpleName()
                        + ": "
                        + history.transfers()
                        + " transfers, "
                        + kills
                        + " kills");
    }

    /// Runs the writer until it is done, or has said so often enough to be killed.
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
                    done[buyer] = Math.max(done[buyer], Integer.parseInt(words[2]) + 1);
                    lines++;
                }
                if (lines == linesMax) {
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
    private void check(LedgerHistory history, int[] done) throws IOException, SQLException {
        try (Database database = Database.open(store(), 1)) {
            assertThat(database.<List<String>>read(tx -> tx.ledger().faults())).isEmpty();
        }
        Set<String> posted = posted();
        for (int buyer = 0; buyer < done.length; buyer++) {
            List<List<Transfer>> operations = history.of(buyer);
            for (int i = 0; i < operations.size(); i++) {
                long there =
                        operations.get(i).stream().filter(t -> posted.contains(t.id())).count();
                long whole = operations.get(i).size();
                if (i < done[buyer]) {
                    assertThat(there).as("buyer %s operation %s", buyer, i).isEqualTo(whole);
                } else {
                    assertThat(there).as("buyer %s operation %s", buyer, i).isIn(0L, whole);
                }
            }
        }
    }

    private boolean isComplete(int[] done) {
        return Arrays.stream(done).allMatch(count -> count == operations());
    }

    private Set<String> posted() throws SQLException {
        Set<String> ids = new HashSet<>();
        try (Connections pool = new Connections(store(), 1);
                Connection connection = pool.readers().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select id from ledger_transfer")) {
            while (rows.next()) {
                ids.add(rows.getString(1));
            }
        }
        return ids;
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
