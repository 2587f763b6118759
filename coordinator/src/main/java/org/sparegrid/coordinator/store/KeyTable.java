// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.KeyId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.api.ApiKey;
import org.sparegrid.protocol.api.ApiKey.Scope;
import org.sparegrid.protocol.api.ApiKey.State;

/// API keys and what was spent by them. Tokens are stored as digests.
public final class KeyTable {
    private final Handle handle;

    KeyTable(Handle handle) {
        this.handle = handle;
    }

    /// A key and whose it is.
    public record Row(AccountId account, ApiKey key) {}

    /// Adds a key.
    public void insert(String tokenHash, Row row) {
        ApiKey key = row.key;
        handle.createUpdate(
                        """
                        insert into api_key (id, token_hash, account, name, scopes, spend_max,
                            spent, created, expires, revoked) values (:id, :hash, :account, :name,
                            :scopes, :spendMax, 0, :created, :expires, 0)
                        """)
                .bind("id", key.id().value())
                .bind("hash", tokenHash)
                .bind("account", row.account.value())
                .bind("name", key.name())
                .bind(
                        "scopes",
                        key.scopes().stream().map(Scope::name).collect(Collectors.joining(",")))
                .bind("spendMax", key.spendMax().nanos())
                .bind("created", key.created().toEpochMilli())
                .bind("expires", key.expires().toEpochMilli())
                .execute();
    }

    /// The key with that token, unless it has ended or its account is shut out.
    public Optional<Row> findLive(String tokenHash, Instant now) {
        return handle.createQuery(
                        "select * from api_key where token_hash = :hash and expires > :now"
                                + " and revoked = 0"
                                + " and account not in (select account from frozen_account)")
                .bind("hash", tokenHash)
                .bind("now", now.toEpochMilli())
                .map((row, _) -> new Row(new AccountId(row.getString("account")), key(row, now)))
                .findOne();
    }

    /// A key, if it is the account's.
    public Optional<ApiKey> find(AccountId account, KeyId id, Instant now) {
        return handle.createQuery("select * from api_key where id = :id and account = :account")
                .bind("id", id.value())
                .bind("account", account.value())
                .map((row, _) -> key(row, now))
                .findOne();
    }

    /// An account's keys, those that were revoked last, newest first.
    public List<ApiKey> of(AccountId account, int limit, Instant now) {
        return handle.createQuery(
                        "select * from api_key where account = :account"
                                + " order by revoked, created desc, id limit :limit")
                .bind("account", account.value())
                .bind("limit", limit)
                .map((row, _) -> key(row, now))
                .list();
    }

    /// How many keys of an account can be used.
    public long countLive(AccountId account, Instant now) {
        return handle.createQuery(
                        "select count(*) from api_key where account = :account and revoked = 0"
                                + " and expires > :now")
                .bind("account", account.value())
                .bind("now", now.toEpochMilli())
                .mapTo(Long.class)
                .one();
    }

    /// Ends a key.
    public void revoke(KeyId id) {
        handle.createUpdate("update api_key set revoked = 1 where id = :id")
                .bind("id", id.value())
                .execute();
    }

    /// Notes who placed an order.
    public void insertOrder(KeyId key, OrderId order) {
        handle.createUpdate(
                        "insert into api_key_order (buyer_order, api_key) values (:order, :key)")
                .bind("order", order.value())
                .bind("key", key.value())
                .execute();
    }

    /// What may still leave the account by a key.
    public Credits left(KeyId key) {
        return handle.createQuery("select spend_max - spent as rest from api_key where id = :id")
                .bind("id", key.value())
                .map((row, _) -> new Credits(row.getLong("rest")))
                .one();
    }

    /// What may still leave the account by the key that placed an order, if a key did.
    public Optional<Credits> left(OrderId order) {
        return handle.createQuery("select api_key from api_key_order where buyer_order = :order")
                .bind("order", order.value())
                .map((row, _) -> new KeyId(row.getString("api_key")))
                .findOne()
                .map(this::left);
    }

    /// Notes what was spent by a key.
    public void spend(KeyId key, Credits amount) {
        handle.createUpdate("update api_key set spent = spent + :amount where id = :id")
                .bind("amount", amount.nanos())
                .bind("id", key.value())
                .execute();
    }

    /// Notes what an order took from the wallet, or gave back if below 0, with the key that placed
    /// it, if a key did.
    public void spend(OrderId order, Credits amount) {
        handle.createUpdate(
                        "update api_key set spent = spent + :amount where id ="
                                + " (select api_key from api_key_order where buyer_order = :order)")
                .bind("amount", amount.nanos())
                .bind("order", order.value())
                .execute();
    }

    private static ApiKey key(ResultSet row, Instant now) throws SQLException {
        Instant expires = Instant.ofEpochMilli(row.getLong("expires"));
        State ended = expires.isAfter(now) ? State.LIVE : State.EXPIRED;
        return new ApiKey(
                new KeyId(row.getString("id")),
                row.getString("name"),
                Stream.of(row.getString("scopes").split(",")).map(Scope::valueOf).toList(),
                new Credits(row.getLong("spend_max")),
                new Credits(row.getLong("spent")),
                Instant.ofEpochMilli(row.getLong("created")),
                expires,
                row.getInt("revoked") != 0 ? State.REVOKED : ended);
    }
}
