// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.sparegrid.protocol.SellerId;

/// Sellers' computers that the operator took off the market.
public final class SuspensionTable {
    private final Handle handle;

    SuspensionTable(Handle handle) {
        this.handle = handle;
    }

    /// Takes a computer off the market, or changes the reason.
    public void put(SellerId seller, String reason, Instant now) {
        handle.createUpdate(
                        "insert into suspension (seller, reason, since) values"
                                + " (:seller, :reason, :now) on conflict (seller)"
                                + " do update set reason = excluded.reason")
                .bind("seller", seller.value())
                .bind("reason", reason)
                .bind("now", now.toEpochMilli())
                .execute();
    }

    /// Lets a computer sell again.
    ///
    /// @return whether it was suspended
    public boolean delete(SellerId seller) {
        return handle.createUpdate("delete from suspension where seller = :seller")
                        .bind("seller", seller.value())
                        .execute()
                > 0;
    }

    /// All of them with the reasons.
    public Map<SellerId, String> all() {
        Map<SellerId, String> all = new LinkedHashMap<>();
        handle.createQuery("select seller, reason from suspension order by since, seller")
                .map((row, _) ->
                        Map.entry(new SellerId(row.getString("seller")), row.getString("reason")))
                .forEach(entry -> all.put(entry.getKey(), entry.getValue()));
        return all;
    }
}
