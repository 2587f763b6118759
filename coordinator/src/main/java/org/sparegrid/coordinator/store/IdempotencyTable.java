// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.sparegrid.protocol.AccountId;

/// Requests that were answered, so that a repeated one gets the same answer.
public final class IdempotencyTable {
    private final Handle handle;

    IdempotencyTable(Handle handle) {
        this.handle = handle;
    }

    /// A request that was answered.
    ///
    /// @param requestHash the digest of what was asked
    /// @param answer the identifier of what was made
    public record Row(String requestHash, String answer) {}

    /// The earlier request of the account with that key.
    public Optional<Row> find(AccountId account, String key) {
        return handle.createQuery(
                        "select request_hash, answer from idempotency"
                                + " where account = :account and idempotency_key = :key")
                .bind("account", account.value())
                .bind("key", key)
                .map((row, _) -> new Row(row.getString(1), row.getString(2)))
                .findOne();
    }

    /// Remembers a request.
    public void insert(AccountId account, String key, Row row, Instant now) {
        handle.createUpdate(
                        "insert into idempotency (account, idempotency_key, request_hash, answer,"
                                + " created) values (:account, :key, :hash, :answer, :now)")
                .bind("account", account.value())
                .bind("key", key)
                .bind("hash", row.requestHash)
                .bind("answer", row.answer)
                .bind("now", now.toEpochMilli())
                .execute();
    }
}
