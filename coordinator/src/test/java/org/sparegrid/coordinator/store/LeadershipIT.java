// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sparegrid.coordinator.ledger.Transfer;
import org.sparegrid.coordinator.ledger.Transfers;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;

/// Two nodes on one PostgreSQL.
class LeadershipIT {
    private final Store.Postgres server = PostgresCluster.newDatabase();

    @Test
    void letsOneLeadAtATimeAndRefusesWhatTheOtherStillWrites() throws Exception {
        try (Leadership first = Leadership.open(server, "a:1");
                Leadership second = Leadership.open(server, "b:2")) {
            assertThat(first.take()).isTrue();
            assertThat(second.take()).isFalse();
            assertThat(second.leader()).contains("a:1");
            try (Database old = Database.open(first, 1);
                    Database fresh = Database.open(second, 1)) {
                assertThat(post(old, "a")).isTrue();
                assertThatThrownBy(() -> post(fresh, "b")).isInstanceOf(FencedException.class);
                first.resign();
                assertThat(second.take()).isTrue();
                assertThat(post(fresh, "b")).isTrue();
                // The first node was frozen and doesn't know yet.
                assertThatThrownBy(() -> post(old, "c")).isInstanceOf(FencedException.class);
                assertThat(first.isLeading()).isFalse();
                assertThat(first.take()).isFalse();
                assertThat(fresh.<Long>read(tx -> tx.ledger().transfers())).isEqualTo(2);
                assertThat(fresh.<List<String>>read(tx -> tx.ledger().faults())).isEmpty();
            }
        }
    }

    private static boolean post(Database database, String letter) {
        Transfer transfer =
                Transfers.deposit(
                                new DepositId(DepositId.PREFIX + letter.repeat(12)),
                                new AccountId("acc-aaaaaaaaaaaa"),
                                new Credits(5),
                                Credits.ZERO)
                        .getFirst();
        return database.write(tx -> tx.ledger().post(transfer, Instant.EPOCH));
    }
}
