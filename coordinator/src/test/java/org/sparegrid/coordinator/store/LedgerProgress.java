// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.sparegrid.coordinator.ledger.Transfer;

/// How far the buyers' histories have come in a store, which must hold nothing else.
///
/// It reads what is new in the store only, and counts the rest: going through a million transfers
/// after each of hundreds of kills would take most of the time.
final class LedgerProgress {
    private static final int FETCH_ROWS = 10_000;

    private final int operations;
    private final List<LedgerHistory> histories = new ArrayList<>();
    private final List<List<Transfer>> next = new ArrayList<>();
    private final int[] whole = new int[LedgerHistory.BUYERS];
    private long transfers;

    /// @param operations how many each buyer makes
    LedgerProgress(long seed, int operations) {
        this.operations = operations;
        for (int buyer = 0; buyer < LedgerHistory.BUYERS; buyer++) {
            LedgerHistory history = new LedgerHistory(seed, buyer);
            histories.add(history);
            next.add(history.next());
        }
    }

    /// Reads what was added: whole operations, each buyer's in their order.
    void advance(Connection connection) throws SQLException {
        Set<String> added = added(connection);
        transfers += added.size();
        for (int buyer = 0; buyer < LedgerHistory.BUYERS; buyer++) {
            while (!next.get(buyer).isEmpty() && take(added, buyer)) {
                whole[buyer]++;
                boolean more = whole[buyer] < operations;
                next.set(buyer, more ? histories.get(buyer).next() : List.of());
            }
        }
        assertThat(added).as("transfers that nobody made next").isEmpty();
    }

    private boolean take(Set<String> added, int buyer) {
        List<Transfer> operation = next.get(buyer);
        long there = operation.stream().filter(transfer -> added.remove(transfer.id())).count();
        assertThat(there)
                .as("buyer %s operation %s", buyer, whole[buyer])
                .isIn(0L, (long) operation.size());
        return there > 0;
    }

    private Set<String> added(Connection connection) throws SQLException {
        Set<String> ids = new HashSet<>();
        connection.setAutoCommit(false);
        try (PreparedStatement statement =
                connection.prepareStatement("select id from ledger_transfer where number > ?")) {
            statement.setFetchSize(FETCH_ROWS);
            statement.setLong(1, transfers);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    ids.add(rows.getString(1));
                }
            }
        }
        try (PreparedStatement statement =
                        connection.prepareStatement("select count(*) from ledger_transfer");
                ResultSet rows = statement.executeQuery()) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getLong(1)).as("all transfers").isEqualTo(transfers + ids.size());
        }
        connection.rollback();
        return ids;
    }

    /// How many of a buyer's operations are there.
    int whole(int buyer) {
        return whole[buyer];
    }

    /// How many transfers are there.
    long transfers() {
        return transfers;
    }

    /// What all books hold once all operations are there.
    Map<String, Long> balances() {
        Map<String, Long> balances = new HashMap<>();
        histories.forEach(history ->
                history.balances()
                        .forEach((book, change) -> balances.merge(book, change, Long::sum)));
        return balances;
    }
}
