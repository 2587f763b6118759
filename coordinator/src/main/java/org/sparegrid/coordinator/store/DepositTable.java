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
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.api.Deposit;

/// Payments into wallets.
public final class DepositTable {
    private final Handle handle;

    DepositTable(Handle handle) {
        this.handle = handle;
    }

    /// A payment and whose it is.
    public record Row(AccountId account, Deposit deposit) {}

    /// Adds a payment.
    public void insert(Row row) {
        Deposit deposit = row.deposit;
        handle.createUpdate(
                        "insert into deposit (id, account, provider, state, amount, commission,"
                                + " pay_at, created) values (:id, :account, :provider, :state,"
                                + " :amount, :commission, :payAt, :created)")
                .bind("id", deposit.id().value())
                .bind("account", row.account.value())
                .bind("provider", deposit.provider())
                .bind("state", deposit.state().name())
                .bind("amount", deposit.amount().nanos())
                .bind("commission", deposit.commission().nanos())
                .bind("payAt", deposit.payAt())
                .bind("created", deposit.created().toEpochMilli())
                .execute();
    }

    /// The payment with that identifier.
    public Optional<Row> find(DepositId id) {
        return handle.createQuery("select * from deposit where id = :id")
                .bind("id", id.value())
                .map((row, _) -> row(row))
                .findOne();
    }

    /// The payments that a provider has not confirmed, oldest first.
    public List<Row> pending(String provider) {
        return handle.createQuery(
                        "select * from deposit where provider = :provider and state = 'PENDING'"
                                + " order by created, id")
                .bind("provider", provider)
                .map((row, _) -> row(row))
                .list();
    }

    /// Sets where a payment stands.
    public void setState(DepositId id, Deposit.State state) {
        handle.createUpdate("update deposit set state = :state where id = :id")
                .bind("state", state.name())
                .bind("id", id.value())
                .execute();
    }

    private static Row row(ResultSet row) throws SQLException {
        Credits amount = new Credits(row.getLong("amount"));
        Credits commission = new Credits(row.getLong("commission"));
        return new Row(
                new AccountId(row.getString("account")),
                new Deposit(
                        new DepositId(row.getString("id")),
                        row.getString("provider"),
                        Deposit.State.valueOf(row.getString("state")),
                        amount,
                        commission,
                        amount.minus(commission),
                        row.getString("pay_at"),
                        Instant.ofEpochMilli(row.getLong("created"))));
    }
}
