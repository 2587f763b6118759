// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.SellerId;

/// Which computers sell for which accounts.
public final class SellerTable {
    private final Handle handle;

    SellerTable(Handle handle) {
        this.handle = handle;
    }

    /// Adds a computer; one that is enrolled already stays with the account it has.
    public void enrol(SellerId seller, AccountId account, Instant now) {
        handle.createUpdate(
                        "insert into seller (id, account, enrolled) values (:id, :account, :now)"
                                + " on conflict (id) do nothing")
                .bind("id", seller.value())
                .bind("account", account.value())
                .bind("now", now.toEpochMilli())
                .execute();
    }

    /// The computers of an account.
    public List<SellerId> of(AccountId account) {
        return handle.createQuery("select id from seller where account = :account order by id")
                .bind("account", account.value())
                .map((row, _) -> new SellerId(row.getString("id")))
                .list();
    }

    /// The first two computers whose identifiers begin so.
    ///
    /// @param digits hexadecimal
    public List<SellerId> startingWith(String digits) {
        return handle.createQuery(
                        "select id from seller where id >= :low and id <= :high"
                                + " order by id limit 2")
                .bind("low", digits)
                .bind("high", digits + "g")
                .map((row, _) -> new SellerId(row.getString("id")))
                .list();
    }

    /// Whose computer that is.
    public Optional<AccountId> owner(SellerId seller) {
        return handle.createQuery("select account from seller where id = :id")
                .bind("id", seller.value())
                .map((row, _) -> new AccountId(row.getString("account")))
                .findOne();
    }
}
