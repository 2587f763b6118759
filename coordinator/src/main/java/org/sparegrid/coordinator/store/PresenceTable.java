// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.sparegrid.coordinator.market.formula.Presence;
import org.sparegrid.protocol.SellerId;

/// When sellers' computers were seen to be there.
public final class PresenceTable {
    private final Handle handle;

    PresenceTable(Handle handle) {
        this.handle = handle;
    }

    /// What was seen of a computer.
    public Presence find(SellerId seller) {
        return handle.createQuery("select shares from presence where seller = :seller")
                .bind("seller", seller.value())
                .map((row, _) -> new Presence(row.getString("shares")))
                .findOne()
                .orElse(Presence.UNSEEN);
    }

    /// Some enrolled computers and what was seen of them, in the order of their identifiers.
    ///
    /// @param after the last one of the part before, or nothing to begin
    public List<Map.Entry<SellerId, Presence>> page(Optional<SellerId> after, int limit) {
        return handle.createQuery(
                        "select s.id, coalesce(p.shares, '') as shares from seller s"
                                + " left join presence p on p.seller = s.id"
                                + " where s.id > :after order by s.id limit :limit")
                .bind("after", after.map(SellerId::value).orElse(""))
                .bind("limit", limit)
                .map((row, _) ->
                        Map.entry(
                                new SellerId(row.getString("id")),
                                row.getString("shares").isEmpty()
                                        ? Presence.UNSEEN
                                        : new Presence(row.getString("shares"))))
                .list();
    }

    /// Writes what was seen of a computer.
    public void put(SellerId seller, Presence presence) {
        handle.createUpdate(
                        "insert into presence (seller, shares) values (:seller, :shares)"
                                + " on conflict (seller) do update set shares = excluded.shares")
                .bind("seller", seller.value())
                .bind("shares", presence.text())
                .execute();
    }
}
