// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.PayoutId;
import org.sparegrid.protocol.api.Payout;

/// Payouts.
public final class PayoutTable {
    private final Handle handle;

    PayoutTable(Handle handle) {
        this.handle = handle;
    }

    /// A payout and whose it is.
    ///
    /// @param provider who was told to pay it and may have done so, or empty
    public record Row(AccountId account, Payout payout, String provider) {}

    public void insert(Row row) {
        Payout payout = row.payout;
        handle.createUpdate(
                        "insert into payout (id, account, amount, destination, state, created)"
                                + " values (:id, :account, :amount, :to, :state, :created)")
                .bind("id", payout.id().value())
                .bind("account", row.account.value())
                .bind("amount", payout.amount().nanos())
                .bind("to", payout.destination())
                .bind("state", payout.state().name())
                .bind("created", payout.created().toEpochMilli())
                .execute();
    }

    public void setState(PayoutId id, Payout.State state) {
        handle.createUpdate("update payout set state = :state where id = :id")
                .bind("id", id.value())
                .bind("state", state.name())
                .execute();
    }

    /// Notes that a provider is told to pay it, or with nothing that none did.
    public void setProvider(PayoutId id, String provider) {
        handle.createUpdate("update payout set provider = :provider where id = :id")
                .bind("id", id.value())
                .bind("provider", provider)
                .execute();
    }

    public Optional<Row> find(PayoutId id) {
        return handle.createQuery("select * from payout where id = :id")
                .bind("id", id.value())
                .map((row, _) -> row(row))
                .findOne();
    }

    /// An account's, newest first.
    public List<Payout> of(AccountId account, int limit) {
        return handle.createQuery(
                        "select * from payout where account = :account"
                                + " order by created desc, id limit :limit")
                .bind("account", account.value())
                .bind("limit", limit)
                .map((row, _) -> row(row).payout())
                .list();
    }

    /// Those that wait for the operator, oldest first.
    public List<Row> pending() {
        return handle.createQuery(
                        "select * from payout where state = 'PENDING' order by created, id")
                .map((row, _) -> row(row))
                .list();
    }

    /// All, newest first.
    public List<Row> newest(int limit) {
        return handle.createQuery("select * from payout order by created desc, id limit :limit")
                .bind("limit", limit)
                .map((row, _) -> row(row))
                .list();
    }

    private static Row row(ResultSet row) throws SQLException {
        return new Row(
                new AccountId(row.getString("account")),
                new Payout(
                        new PayoutId(row.getString("id")),
                        new Credits(row.getLong("amount")),
                        row.getString("destination"),
                        Payout.State.valueOf(row.getString("state")),
                        Instant.ofEpochMilli(row.getLong("created"))),
                row.getString("provider"));
    }
}
