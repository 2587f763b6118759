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
import org.sparegrid.protocol.SellerId;

/// People, their logins and their join tokens. Tokens are stored as digests.
public final class AccountTable {
    private final Handle handle;

    AccountTable(Handle handle) {
        this.handle = handle;
    }

    /// An account.
    ///
    /// @param password its Argon2id hash
    /// @param imageKey the key that signs its images in base64, or empty
    public record Row(
            AccountId id, String email, String password, String imageKey, Instant created) {
        @Override
        public String toString() {
            return "Row[id=" + id + "]";
        }
    }

    /// Adds an account whose address nobody has.
    public void insert(Row row) {
        handle.createUpdate(
                        "insert into account (id, email, password, image_key, created)"
                                + " values (:id, :email, :password, :key, :created)")
                .bind("id", row.id.value())
                .bind("email", row.email)
                .bind("password", row.password)
                .bind("key", row.imageKey)
                .bind("created", row.created.toEpochMilli())
                .execute();
    }

    /// The account with that identifier.
    public Optional<Row> find(AccountId id) {
        return handle.createQuery("select * from account where id = :id")
                .bind("id", id.value())
                .map((row, _) -> row(row))
                .findOne();
    }

    /// The account with that address.
    public Optional<Row> findByEmail(String email) {
        return handle.createQuery("select * from account where email = :email")
                .bind("email", email)
                .map((row, _) -> row(row))
                .findOne();
    }

    /// Accounts in the order of their addresses.
    ///
    /// @param part of the address, in small letters, or nothing for all
    public List<Row> list(String part, int limit) {
        return handle.createQuery(
                        "select * from account where email like :like escape '!'"
                                + " order by email limit :limit")
                .bind("like", "%" + part.replaceAll("[!%_]", "!$0") + "%")
                .bind("limit", limit)
                .map((row, _) -> row(row))
                .list();
    }

    /// Sets the key that signs the account's images from now on.
    public void setImageKey(AccountId id, String key) {
        handle.createUpdate("update account set image_key = :key where id = :id")
                .bind("key", key)
                .bind("id", id.value())
                .execute();
    }

    /// How much of the images' disk an account takes.
    public long imageBytes(AccountId account) {
        return handle.createQuery("select image_bytes from account where id = :id")
                .bind("id", account.value())
                .mapTo(Long.class)
                .one();
    }

    /// An account takes more of the images' disk, or less if `bytes` is below 0.
    public void addImageBytes(AccountId account, long bytes) {
        handle.createUpdate("update account set image_bytes = image_bytes + :bytes where id = :id")
                .bind("id", account.value())
                .bind("bytes", bytes)
                .execute();
    }

    /// What was paid in bonuses for an account's orders.
    public Credits bonus(AccountId account) {
        return handle.createQuery("select bonus from account where id = :id")
                .bind("id", account.value())
                .map((row, _) -> new Credits(row.getLong("bonus")))
                .one();
    }

    /// More was paid in bonuses for an account's orders.
    public void addBonus(AccountId account, Credits amount) {
        handle.createUpdate("update account set bonus = bonus + :amount where id = :id")
                .bind("amount", amount.nanos())
                .bind("id", account.value())
                .execute();
    }

    /// Adds a login, and forgets those that are over.
    public void insertLogin(String tokenHash, AccountId account, Instant now, Instant expires) {
        handle.createUpdate("delete from login where expires < :now")
                .bind("now", now.toEpochMilli())
                .execute();
        handle.createUpdate(
                        "insert into login (token_hash, account, created, expires)"
                                + " values (:hash, :account, :now, :expires)")
                .bind("hash", tokenHash)
                .bind("account", account.value())
                .bind("now", now.toEpochMilli())
                .bind("expires", expires.toEpochMilli())
                .execute();
    }

    /// Whose login that is; an account that is shut out has none.
    public Optional<AccountId> findLogin(String tokenHash, Instant now) {
        return handle.createQuery(
                        "select account from login where token_hash = :hash and expires > :now"
                                + " and account not in (select account from frozen_account)")
                .bind("hash", tokenHash)
                .bind("now", now.toEpochMilli())
                .map((row, _) -> new AccountId(row.getString("account")))
                .findOne();
    }

    /// Ends a login.
    public void deleteLogin(String tokenHash) {
        handle.createUpdate("delete from login where token_hash = :hash")
                .bind("hash", tokenHash)
                .execute();
    }

    /// Adds a join token.
    public void insertJoinToken(String secretHash, AccountId account, Instant expires) {
        handle.createUpdate(
                        "insert into join_token (secret_hash, account, expires, seller)"
                                + " values (:hash, :account, :expires, '')")
                .bind("hash", secretHash)
                .bind("account", account.value())
                .bind("expires", expires.toEpochMilli())
                .execute();
    }

    /// Uses a join token for a seller's computer: whose it is, if it is good. The same computer may
    /// repeat its request, as it may not have received the answer.
    public Optional<AccountId> useJoinToken(String secretHash, SellerId seller, Instant now) {
        int used =
                handle.createUpdate(
                                "update join_token set seller = :seller where secret_hash = :hash"
                                        + " and expires > :now"
                                        + " and (seller = '' or seller = :seller)")
                        .bind("seller", seller.value())
                        .bind("hash", secretHash)
                        .bind("now", now.toEpochMilli())
                        .execute();
        return used == 0
                ? Optional.empty()
                : handle.createQuery("select account from join_token where secret_hash = :hash")
                        .bind("hash", secretHash)
                        .map((row, _) -> new AccountId(row.getString("account")))
                        .findOne();
    }

    private static Row row(ResultSet row) throws SQLException {
        return new Row(
                new AccountId(row.getString("id")),
                row.getString("email"),
                row.getString("password"),
                row.getString("image_key"),
                Instant.ofEpochMilli(row.getLong("created")));
    }
}
