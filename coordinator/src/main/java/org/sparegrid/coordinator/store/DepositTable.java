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

    /// What of a payment went back and came again.
    ///
    /// @param refunded what was given back
    /// @param disputed what the buyer's bank took back
    /// @param reinstated what of that came again
    /// @param lost what of all that no wallet covered
    public record Gone(Credits refunded, Credits disputed, Credits reinstated, Credits lost) {
        /// All is where it belongs.
        public static final Gone NOTHING =
                new Gone(Credits.ZERO, Credits.ZERO, Credits.ZERO, Credits.ZERO);

        /// What is gone now.
        public Credits net() {
            return refunded.plus(disputed).minus(reinstated);
        }
    }

    /// A payment.
    ///
    /// @param account whose it is
    /// @param reference what the provider calls it, or empty until that has answered
    public record Row(AccountId account, Deposit deposit, String reference, Gone gone) {}

    /// The payments that reached an account's wallet.
    public List<Row> paidBy(AccountId account) {
        return handle.createQuery(
                        "select * from deposit where account = :account"
                                + " and state in ('POSTED', 'REFUNDED', 'CHARGEBACK')")
                .bind("account", account.value())
                .map((row, _) -> row(row))
                .list();
    }

    /// Adds a payment that no provider knows yet.
    public void insert(AccountId account, Deposit deposit, Instant nextLook) {
        handle.createUpdate(
                        "insert into deposit (id, account, provider, state, amount, commission,"
                                + " pay_at, created, next_look) values (:id, :account, :provider,"
                                + " :state, :amount, :commission, :payAt, :created, :next)")
                .bind("id", deposit.id().value())
                .bind("account", account.value())
                .bind("provider", deposit.provider())
                .bind("state", deposit.state().name())
                .bind("amount", deposit.amount().nanos())
                .bind("commission", deposit.commission().nanos())
                .bind("payAt", deposit.payAt())
                .bind("created", deposit.created().toEpochMilli())
                .bind("next", nextLook.toEpochMilli())
                .execute();
    }

    /// The payment with that identifier.
    public Optional<Row> find(DepositId id) {
        return handle.createQuery("select * from deposit where id = :id")
                .bind("id", id.value())
                .map((row, _) -> row(row))
                .findOne();
    }

    /// An account's payments, newest first.
    public List<Deposit> of(AccountId account, int limit) {
        return handle.createQuery(
                        "select * from deposit where account = :account"
                                + " order by created desc, id limit :limit")
                .bind("account", account.value())
                .bind("limit", limit)
                .map((row, _) -> row(row).deposit())
                .list();
    }

    /// Payments, newest first.
    ///
    /// @param account whose, or all
    /// @param open only those that are not over
    public List<Row> newest(Optional<AccountId> account, boolean open, int limit) {
        return handle.createQuery(
                        "select * from deposit where (:account = '' or account = :account)"
                                + " and (:all = 1 or state in ('CREATED', 'PENDING', 'CONFIRMED'))"
                                + " order by created desc, id limit :limit")
                .bind("account", account.map(AccountId::value).orElse(""))
                .bind("all", open ? 0 : 1)
                .bind("limit", limit)
                .map((row, _) -> row(row))
                .list();
    }

    /// The payments of a provider that is to be asked about them now, longest due first.
    public List<Row> due(String provider, Instant now, int limit) {
        return handle.createQuery(
                        "select * from deposit where provider = :provider and next_look <= :now"
                                + " order by next_look, id limit :limit")
                .bind("provider", provider)
                .bind("now", now.toEpochMilli())
                .bind("limit", limit)
                .map((row, _) -> row(row))
                .list();
    }

    /// Payments that were begun from then on, oldest first.
    ///
    /// @param after the last one of the page before, or nothing to begin
    public List<Row> since(Instant begun, Optional<DepositId> after, int limit) {
        long from =
                after.flatMap(this::find)
                        .map(row -> row.deposit().created().toEpochMilli())
                        .orElse(begun.toEpochMilli());
        return handle.createQuery(
                        "select * from deposit where created > :from"
                                + " or (created = :from and id > :after)"
                                + " order by created, id limit :limit")
                .bind("from", from)
                .bind("after", after.map(DepositId::value).orElse(""))
                .bind("limit", limit)
                .map((row, _) -> row(row))
                .list();
    }

    /// Sets when the provider is asked next.
    public void lookAgain(DepositId id, Instant next) {
        handle.createUpdate("update deposit set next_look = :next where id = :id")
                .bind("next", next.toEpochMilli())
                .bind("id", id.value())
                .execute();
    }

    /// Has the providers asked soon about everything that may still come.
    public void lookAtOpen() {
        handle.execute(
                "update deposit set next_look = 0 where state in ('CREATED', 'PENDING', 'CONFIRMED')");
    }

    /// Notes what the provider answered when the payment was begun.
    public void begun(DepositId id, String reference, String payAt) {
        handle.createUpdate(
                        "update deposit set state = 'PENDING', reference = :reference,"
                                + " pay_at = :payAt where id = :id and state = 'CREATED'")
                .bind("reference", reference)
                .bind("payAt", payAt)
                .bind("id", id.value())
                .execute();
    }

    /// Sets where a payment stands.
    public void setState(DepositId id, Deposit.State state) {
        handle.createUpdate("update deposit set state = :state where id = :id")
                .bind("state", state.name())
                .bind("id", id.value())
                .execute();
    }

    /// Sets what of a payment went back and came again.
    public void setGone(DepositId id, Gone gone) {
        handle.createUpdate(
                        "update deposit set refunded = :refunded, disputed = :disputed,"
                                + " reinstated = :reinstated, lost = :lost where id = :id")
                .bind("refunded", gone.refunded.nanos())
                .bind("disputed", gone.disputed.nanos())
                .bind("reinstated", gone.reinstated.nanos())
                .bind("lost", gone.lost.nanos())
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
                        Instant.ofEpochMilli(row.getLong("created"))),
                row.getString("reference"),
                new Gone(
                        new Credits(row.getLong("refunded")),
                        new Credits(row.getLong("disputed")),
                        new Credits(row.getLong("reinstated")),
                        new Credits(row.getLong("lost"))));
    }
}
