// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.coordinator.audit.Finding;
import org.sparegrid.coordinator.audit.Known;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.ledger.Transfers;
import org.sparegrid.protocol.AdjustmentId;
import org.sparegrid.protocol.Credits;

/// Books that somebody changed behind the coordinator's back.
class LedgerAuditTest {
    private static final int OPERATIONS = 12;

    @TempDir private Path folder;

    @BeforeEach
    void keepBooks() throws Exception {
        try (Database database = Database.open(store(), 1)) {
            for (int buyer = 0; buyer < LedgerHistory.BUYERS; buyer++) {
                LedgerHistory history = new LedgerHistory(1, buyer);
                for (int i = 0; i < OPERATIONS; i++) {
                    var operation = history.next();
                    database.write(tx -> {
                        operation.forEach(transfer -> tx.ledger().post(transfer, Instant.EPOCH));
                        return true;
                    });
                }
            }
        }
    }

    private Store store() {
        return new Store.Sqlite(folder.resolve("ledger.db"));
    }

    @Test
    void findsNothingInGoodBooks() throws Exception {
        Finding finding = audit(Optional.empty());
        assertThat(finding.faults()).isEmpty();
        assertThat(finding.records()).isEqualTo(finding.head().number()).isGreaterThan(50);
        assertThat(audit(Optional.of(finding.head())).faults()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    update ledger_transfer set at = at + 1 where number = 20 | transfer 20 was changed
                    update ledger_transfer set reference = 'x' where number = 20 | transfer 20 was changed
                    delete from ledger_transfer where number = 20 | transfer 21 follows 19
                    update ledger_transfer set amount = amount + 1 where number = 20 | transfer 20 left
                    update ledger_book set balance = balance + 1 where kind = 'WALLET' | holds
                    insert into deposit (id, account, provider, state, amount, commission, pay_at, created) values ('dep-x', 'a', 'test', 'POSTED', 7, 0, '', 0) | deposit dep-x
                    insert into account (id, email, password, image_key, created, bonus) values ('acc-x', 'x@y', '', '', 0, 5) | account acc-x caused bonuses of 0, expected
                    insert into account (id, email, password, image_key, created, bonus) values ('acc-x', 'x@y', '', '', 0, 5) | but its commission was 0
                    """)
    void findsWhatWasChanged(String change, String fault) throws Exception {
        try (Connection connection =
                        DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("ledger.db"));
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(change)).isPositive();
        }
        assertThat(audit(Optional.empty()).faults()).anyMatch(text -> text.contains(fault));
    }

    /// A forger who computes all seals anew is found by a seal that was noted down elsewhere.
    @Test
    void findsAnotherHistory() throws Exception {
        Known head = audit(Optional.empty()).head();
        Known other = new Known(head.number(), head.seal().next("forged"));
        assertThat(audit(Optional.of(other)).faults())
                .containsExactly(
                        "transfer "
                                + head.number()
                                + " has another seal than was noted: history differs");
        Known later = new Known(head.number() + 1, head.seal());
        assertThat(audit(Optional.of(later)).faults())
                .singleElement()
                .asString()
                .contains("records are missing");
    }

    /// An operator who corrects the books past the commands is found, too.
    @Test
    void findsCorrectionsOfWhichTheLogHasNothing() throws Exception {
        AdjustmentId noted = new AdjustmentId("adj-aaaaaaaaaaaa");
        AdjustmentId secret = new AdjustmentId("adj-bbbbbbbbbbbb");
        try (Database database = Database.open(store(), 1)) {
            for (AdjustmentId id : List.of(noted, secret)) {
                database.write(tx ->
                        tx.ledger()
                                .post(
                                        Transfers.adjust(
                                                id,
                                                Book.LOSSES,
                                                Book.COMMISSION,
                                                Credits.parse("1")),
                                        Instant.EPOCH));
            }
            database.write(tx -> {
                tx.audit().add("operator", "ledger-adjusted", noted.value(), "", Instant.EPOCH);
                return true;
            });
        }
        assertThat(audit(Optional.empty()).faults())
                .singleElement()
                .asString()
                .contains("adjusts the books as adj-bbbbbbbbbbbb, of which the audit log has");
    }

    /// Who did what is kept the same way.
    @Test
    void keepsWhoDidWhat() throws Exception {
        try (Database database = Database.open(store(), 1)) {
            for (int i = 0; i < 5; i++) {
                String subject = "thing" + i;
                database.write(tx -> {
                    tx.audit().add("operator x", "made", subject, "d".repeat(600), Instant.EPOCH);
                    return true;
                });
            }
            List<AuditTable.Entry> entries = database.read(tx -> tx.audit().last(2, ""));
            assertThat(entries)
                    .extracting(AuditTable.Entry::subject)
                    .containsExactly("thing3", "thing4");
            assertThat(database.<List<?>>read(tx -> tx.audit().last(9, "thing1"))).hasSize(1);
            Finding finding = database.read(tx -> tx.audit().verify(Optional.empty()));
            assertThat(finding.faults()).isEmpty();
            assertThat(finding.records()).isEqualTo(5);
        }
        try (Connection connection =
                        DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("ledger.db"));
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("update audit_entry set actor = 'nobody' where number = 3");
        }
        try (Database database = Database.open(store(), 1)) {
            assertThat(database.<Finding>read(tx -> tx.audit().verify(Optional.empty())).faults())
                    .containsExactly("entry 3 was changed, or one before it");
        }
    }

    private Finding audit(Optional<Known> known) throws Exception {
        try (Database database = Database.open(store(), 1)) {
            return database.read(tx -> tx.ledger().audit(known));
        }
    }
}
