// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.api.SshKey;

/// Public keys with which people log in at the SSH gateway.
public final class SshKeyTable {
    /// Accounts with the same key; more are not looked at.
    private static final int SHARED_MAX = 10;

    private final Handle handle;

    SshKeyTable(Handle handle) {
        this.handle = handle;
    }

    /// Adds a key, or gives it another name.
    public void put(AccountId account, SshKey key) {
        handle.createUpdate(
                        "insert into ssh_key (account, fingerprint, type, name, created) values"
                                + " (:account, :fingerprint, :type, :name, :created)"
                                + " on conflict (account, fingerprint)"
                                + " do update set name = excluded.name")
                .bind("account", account.value())
                .bind("fingerprint", key.fingerprint())
                .bind("type", key.type())
                .bind("name", key.name())
                .bind("created", key.created().toEpochMilli())
                .execute();
    }

    /// Removes a key.
    ///
    /// @return whether there was one
    public boolean delete(AccountId account, String fingerprint) {
        return handle.createUpdate(
                                "delete from ssh_key where account = :account"
                                        + " and fingerprint = :fingerprint")
                        .bind("account", account.value())
                        .bind("fingerprint", fingerprint)
                        .execute()
                > 0;
    }

    /// The keys of an account, the oldest first.
    public List<SshKey> of(AccountId account) {
        return handle.createQuery(
                        "select * from ssh_key where account = :account"
                                + " order by created, fingerprint")
                .bind("account", account.value())
                .map((row, _) ->
                        new SshKey(
                                row.getString("fingerprint"),
                                row.getString("type"),
                                row.getString("name"),
                                Instant.ofEpochMilli(row.getLong("created"))))
                .list();
    }

    /// The accounts with that key that the operator did not shut out.
    public List<AccountId> accounts(String fingerprint) {
        return handle
                .createQuery(
                        "select account from ssh_key where fingerprint = :fingerprint and account"
                                + " not in (select account from frozen_account)"
                                + " order by created limit :limit")
                .bind("fingerprint", fingerprint)
                .bind("limit", SHARED_MAX)
                .mapTo(String.class)
                .stream()
                .map(AccountId::new)
                .toList();
    }
}
