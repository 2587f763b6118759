// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.sparegrid.coordinator.ledger.Transfer;

/// The process that CrashIT kills: books a history and prints each operation that was committed.
final class LedgerWriter {
    private LedgerWriter() {}

    /// @param arguments the store, its file if it is one, the seed, the operations of each buyer,
    ///   and where each begins
    public static void main(String[] arguments) throws Exception {
        int count = Integer.parseInt(arguments[3]);
        long seed = Long.parseLong(arguments[2]);
        try (Database database =
                Database.open(Store.parse(arguments[0], Path.of(arguments[1])), 1)) {
            List<Thread> buyers = new ArrayList<>();
            for (int i = 0; i < LedgerHistory.BUYERS; i++) {
                int buyer = i;
                int from = Integer.parseInt(arguments[4 + i]);
                buyers.add(
                        Thread.ofPlatform()
                                .start(() ->
                                        write(
                                                database,
                                                new LedgerHistory(seed, buyer),
                                                buyer,
                                                from,
                                                count)));
            }
            for (Thread buyer : buyers) {
                buyer.join();
            }
        }
    }

    private static void write(
            Database database, LedgerHistory history, int buyer, int from, int count) {
        for (int i = 0; i < from; i++) {
            history.next();
        }
        for (int i = from; i < count; i++) {
            List<Transfer> operation = history.next();
            database.write(tx -> {
                operation.forEach(transfer -> tx.ledger().post(transfer, Instant.EPOCH));
                return true;
            });
            String line = "done " + buyer + " " + i + "\n";
            synchronized (LedgerWriter.class) {
                System.out.print(line);
                System.out.flush();
            }
        }
    }
}
