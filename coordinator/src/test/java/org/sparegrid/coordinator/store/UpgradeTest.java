// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.audit.Finding;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.ledger.BookKind;
import org.sparegrid.coordinator.ledger.Transfer;
import org.sparegrid.coordinator.market.formula.Interruptions;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.market.OrderSpec;

/// A database of an older program is brought up to date.
class UpgradeTest {
    private static final String ORDER = "ord-aaaaaaaaaaaa";
    private static final String ACCOUNT = "acc-aaaaaaaaaaaa";
    private static final String SPEC =
            """
            {"name":"job","image":"%s","machines":2,"size":{"cpus":1,"memoryMebibytes":512,\
            "diskMebibytes":0},"pricePerHourMax":"1","secondsMax":3600,"emulationAllowed":true,\
            "authorizedKeys":["ssh-rsa AAAA \\"waitSecondsMax\\":"],"placement":{"perCountryMax":0,\
            "perHardwareMax":0,"perOwnerMax":1,"firm":false,"waitSecondsMax":60},"where":""}\
            """
                    .formatted("a".repeat(64));

    private static final LeaseId LEASE = new LeaseId(LeaseId.PREFIX + "e".repeat(12));

    @TempDir Path folder;

    @Test
    void readsAnOrderOfBeforeReliability() throws IOException, SQLException {
        Path file = folder.resolve("old.db");
        String url = "jdbc:sqlite:" + file;
        migrate(url, "4");
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("insert into account values ('" + ACCOUNT + "', 'a@b', '', '', 0)");
            statement.execute(
                    "insert into network values ('net-aaaaaaaaaaaa', '"
                            + ACCOUNT
                            + "', 'job', 1, '10.77.0.0/24', 2, 1, 1)");
            statement.execute(
                    "insert into buyer_order values ('"
                            + ORDER
                            + "', '"
                            + ACCOUNT
                            + "', 'net-aaaaaaaaaaaa', 1, 'image', '"
                            + SPEC
                            + "', 5, 'OPEN', 0)");
        }
        try (Database database = Database.open(new Store.Sqlite(file), 1)) {
            OrderSpec spec =
                    database.read(tx -> tx.orders().find(new OrderId(ORDER)).orElseThrow().spec());
            assertThat(spec.placement().waitSecondsMax()).isEqualTo(60);
            assertThat(spec.placement().startAfterSeconds()).isZero();
            assertThat(spec.placement().interruptible()).isFalse();
            assertThat(spec.placement().reliability()).isZero();
            assertThat(spec.checkpoints().areWanted()).isFalse();
            assertThat(spec.authorizedKeys()).containsExactly("ssh-rsa AAAA \"waitSecondsMax\":");
        }
    }

    /// The first transfer after the upgrade seals all before it.
    @Test
    void sealsTheTransfersOfBefore() throws IOException, SQLException {
        Path file = folder.resolve("older.db");
        String url = "jdbc:sqlite:" + file;
        migrate(url, "7");
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "insert into ledger_book values ('psp_clearing', 'PSP_CLEARING', '', -5),"
                            + " ('wallet:acc-b', 'WALLET', 'acc-b', 5)");
            statement.execute(
                    "insert into ledger_transfer values ('a', 1, 0, 'DEPOSIT', 'dep-a',"
                            + " 'psp_clearing', 'wallet:acc-b', 5, -5, 5)");
        }
        Transfer gift =
                new Transfer(
                        Transfer.Kind.GIFT,
                        "key",
                        ACCOUNT,
                        new Book(BookKind.WALLET, "wallet:acc-b", "acc-b"),
                        new Book(BookKind.WALLET, "wallet:acc-c", "acc-c"),
                        new Credits(2));
        try (Database database = Database.open(new Store.Sqlite(file), 1)) {
            assertThat(database.<Boolean>write(tx -> tx.ledger().post(gift, Instant.EPOCH)))
                    .isTrue();
            Finding finding = database.read(tx -> tx.ledger().audit(Optional.empty()));
            assertThat(finding.faults()).isEmpty();
            assertThat(finding.records()).isEqualTo(2);
        }
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("update ledger_transfer set at = 1 where number = 1");
        }
        try (Database database = Database.open(new Store.Sqlite(file), 1)) {
            assertThat(database.<Finding>read(tx -> tx.ledger().audit(Optional.empty())).faults())
                    .containsExactly("transfer 2 was changed, or one before it");
        }
    }

    /// What ended before the upgrade still counts for a computer's record, as does what runs.
    @Test
    void sumsUpTheLeasesOfBefore() throws IOException, SQLException {
        Path file = folder.resolve("leases.db");
        String url = "jdbc:sqlite:" + file;
        migrate(url, "16");
        SellerId seller = new SellerId("ab".repeat(20));
        long day = Duration.ofDays(1).toMillis();
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("insert into account values ('" + ACCOUNT + "', 'a@b', '', '', 0)");
            statement.execute("insert into seller values ('" + seller + "', '" + ACCOUNT + "', 0)");
            lease(statement, "a", seller, "SETTLED", "ON_NETWORK", "LOST", 3_600_000, 10 * day);
            lease(statement, "b", seller, "SETTLED", "ON_NETWORK", "BUYER", 7_200_000, 11 * day);
            lease(statement, "c", seller, "SETTLED", "ON_NETWORK", "FAILED", 3_600_000, 11 * day);
            lease(statement, "d", seller, "SETTLED", "FETCHING", "LOST", 0, 11 * day);
            lease(statement, "e", seller, "RUNNING", "ON_NETWORK", "", 1_800_000, 11 * day);
        }
        try (Database database = Database.open(new Store.Sqlite(file), 1)) {
            assertThat(ran(database, seller, Instant.EPOCH)).isEqualTo(new Interruptions(2, 4.5));
            Instant since = Instant.ofEpochMilli(11 * day);
            assertThat(ran(database, seller, since)).isEqualTo(new Interruptions(1, 3.5));
            assertThat(
                            database.<Map<SellerId, Interruptions>>read(
                                    tx -> tx.sellerDays().interruptions(since)))
                    .isEqualTo(Map.of(seller, new Interruptions(1, 3.5)));
            assertThat(ran(database, new SellerId("cd".repeat(20)), since))
                    .isEqualTo(Interruptions.NONE);
            database.write(tx -> {
                LeaseTable.Row row = tx.leases().find(LEASE).orElseThrow();
                tx.sellerDays().add(row);
                return true;
            });
            assertThat(ran(database, seller, since)).isEqualTo(new Interruptions(1, 4.0));
        }
    }

    private static Interruptions ran(Database database, SellerId seller, Instant since) {
        return database.read(tx -> tx.sellerDays().interruptions(seller, since));
    }

    private static void lease(
            Statement statement,
            String name,
            SellerId seller,
            String state,
            String phase,
            String reason,
            long billableMillis,
            long created)
            throws SQLException {
        statement.execute(
                "insert into lease values ('vm-%s', '%s', 0, '%s/%d', '%s', 'pc', 'KVM', 1, 60,"
                                .formatted(
                                        name.repeat(12),
                                        ORDER,
                                        seller,
                                        name.charAt(0) - 'a',
                                        seller)
                        + " '%s', '%s', 0, 0, 0, '%s', '', 0, 0, 0, 0, %d, 0, 0, 0, 0, 0, %d)"
                                .formatted(state, phase, reason, billableMillis, created));
    }

    private static void migrate(String url, String version) {
        Flyway.configure(Database.class.getClassLoader())
                .dataSource(url, "", "")
                .locations("classpath:db")
                .target(version)
                .load()
                .migrate();
    }
}
