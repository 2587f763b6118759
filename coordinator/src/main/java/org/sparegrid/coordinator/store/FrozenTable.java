// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.SellerId;

/// Accounts that the operator shut out.
public final class FrozenTable {
    private final Handle handle;

    FrozenTable(Handle handle) {
        this.handle = handle;
    }

    /// Shuts an account out, or changes the reason.
    public void put(AccountId account, String reason, Instant now) {
        handle.createUpdate(
                        "insert into frozen_account (account, reason, since) values"
                                + " (:account, :reason, :now) on conflict (account)"
                                + " do update set reason = excluded.reason")
                .bind("account", account.value())
                .bind("reason", reason)
                .bind("now", now.toEpochMilli())
                .execute();
    }

    /// Lets an account in again.
    ///
    /// @return whether it was shut out
    public boolean delete(AccountId account) {
        return handle.createUpdate("delete from frozen_account where account = :account")
                        .bind("account", account.value())
                        .execute()
                > 0;
    }

    /// Why an account is shut out, if it is.
    public Optional<String> reason(AccountId account) {
        return handle.createQuery("select reason from frozen_account where account = :account")
                .bind("account", account.value())
                .mapTo(String.class)
                .findOne();
    }

    /// The computers of all accounts that are shut out.
    public List<SellerId> sellers() {
        return handle
                .createQuery(
                        "select s.id from seller s join frozen_account f on f.account = s.account")
                .mapTo(String.class)
                .stream()
                .map(SellerId::new)
                .toList();
    }
}
