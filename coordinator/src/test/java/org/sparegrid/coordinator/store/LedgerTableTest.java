// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.ledger.Transfer;
import org.sparegrid.coordinator.ledger.Transfers;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.api.LedgerPage;

class LedgerTableTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final AccountId BUYER = new AccountId("acc-aaaaaaaaaaaa");
    private static final OrderId ORDER = new OrderId("ord-aaaaaaaaaaaa");

    @TempDir private Path folder;
    private Database database;

    Store store() {
        return new Store.Sqlite(folder.resolve("test.db"));
    }

    @BeforeEach
    void open() throws IOException {
        database = Database.open(store(), 2);
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void booksATransferOnce() {
        Transfer deposit = deposit(100);
        assertThat(post(deposit)).isTrue();
        assertThat(post(deposit)).isFalse();
        assertThat(balance(Book.wallet(BUYER))).isEqualTo(new Credits(100));
        assertThat(balance(Book.CLEARING)).isEqualTo(new Credits(-100));
        assertThat(faults()).isEmpty();
    }

    @Test
    void refusesToGoBelowZeroAndUndoesTheWholeChange() {
        post(deposit(100));
        assertThatThrownBy(() ->
                        database.write(tx -> {
                            tx.ledger().post(hold("a", 60), NOW);
                            tx.ledger().post(hold("b", 41), NOW);
                            return true;
                        }))
                .isInstanceOf(BelowZeroException.class)
                .hasMessageContaining("wallet:" + BUYER);
        assertThat(balance(Book.wallet(BUYER))).isEqualTo(new Credits(100));
        assertThat(database.<Long>read(tx -> tx.ledger().transfers())).isEqualTo(1);
    }

    @Test
    void keepsWhatOthersCommitTogetherWithAChangeThatFails() throws InterruptedException {
        post(deposit(1000));
        AtomicInteger refused = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Transfer hold = hold("k" + i, i % 2 == 0 ? 1 : 5000);
            threads.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    post(hold);
                                } catch (BelowZeroException below) {
                                    refused.incrementAndGet();
                                }
                            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(refused).hasValue(50);
        assertThat(balance(Book.wallet(BUYER))).isEqualTo(new Credits(950));
        assertThat(faults()).isEmpty();
    }

    @Test
    void givesPagesNewestFirstWithBothHalvesOfAHold() {
        post(deposit(100));
        post(hold("a", 30));
        LedgerPage first = page(BUYER, 2, 0);
        assertThat(first.entries())
                .extracting(
                        LedgerPage.Entry::book, LedgerPage.Entry::amount, LedgerPage.Entry::balance)
                .containsExactly(
                        Tuple.tuple("escrow", new Credits(30), new Credits(30)),
                        Tuple.tuple("wallet", new Credits(-30), new Credits(70)));
        LedgerPage last = page(BUYER, 2, first.next());
        assertThat(last.entries()).extracting(LedgerPage.Entry::kind).containsExactly("deposit");
        assertThat(last.next()).isZero();
    }

    @Test
    void showsNobodyAnothersEntries() {
        post(deposit(100));
        assertThat(page(new AccountId("acc-bbbbbbbbbbbb"), 10, 0).entries()).isEmpty();
    }

    @Test
    void findsABalanceThatWasTamperedWith() throws SQLException {
        post(deposit(100));
        try (var pool = new Connections(store(), 1);
                var connection = pool.writer().getConnection();
                var statement = connection.createStatement()) {
            statement.executeUpdate(
                    "update ledger_book set balance = balance + 1 where kind = 'WALLET'");
        }
        assertThat(faults())
                .anyMatch(fault -> fault.startsWith("the sum of all balances is 0.000000001"))
                .anyMatch(fault -> fault.startsWith("wallet:" + BUYER));
    }

    @Test
    void backsUpWhileInUse() throws IOException {
        post(deposit(100));
        backUp(folder.resolve("copy.db"));
        try (Database copy = Database.open(new Store.Sqlite(folder.resolve("copy.db")), 1)) {
            assertThat(copy.<Credits>read(tx -> tx.ledger().balance(Book.wallet(BUYER))))
                    .isEqualTo(new Credits(100));
        }
    }

    void backUp(Path file) throws IOException {
        database.backUp(file);
    }

    private boolean post(Transfer transfer) {
        return database.write(tx -> tx.ledger().post(transfer, NOW));
    }

    private Credits balance(Book book) {
        return database.read(tx -> tx.ledger().balance(book));
    }

    private List<String> faults() {
        return database.read(tx -> tx.ledger().faults());
    }

    private LedgerPage page(AccountId account, int limit, long before) {
        return database.read(tx -> tx.ledger().page(account, limit, before));
    }

    private static Transfer deposit(long nanos) {
        return Transfers.deposit(
                        new DepositId("dep-aaaaaaaaaaaa"), BUYER, new Credits(nanos), Credits.ZERO)
                .getFirst();
    }

    private static Transfer hold(String key, long nanos) {
        return Transfers.hold(ORDER, BUYER, key, new Credits(nanos)).orElseThrow();
    }
}
