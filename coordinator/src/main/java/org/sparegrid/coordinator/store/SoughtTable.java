// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.sparegrid.protocol.OrderId;

/// Machines of orders that were displaced and are sought anew.
public final class SoughtTable {
    private final Handle handle;

    SoughtTable(Handle handle) {
        this.handle = handle;
    }

    /// One of them.
    ///
    /// @param seconds how long it is to run
    /// @param until when it is given up
    public record Row(OrderId order, int rank, long seconds, Instant until) {}

    /// A machine is sought.
    public void insert(Row row) {
        handle.createUpdate(
                        "insert into sought (buyer_order, host_rank, seconds, until_at)"
                                + " values (:order, :rank, :seconds, :until)")
                .bind("order", row.order.value())
                .bind("rank", row.rank)
                .bind("seconds", row.seconds)
                .bind("until", row.until.toEpochMilli())
                .execute();
    }

    /// All of them.
    public List<Row> all() {
        return handle.createQuery("select * from sought order by until_at, buyer_order, host_rank")
                .map((row, _) ->
                        new Row(
                                new OrderId(row.getString("buyer_order")),
                                row.getInt("host_rank"),
                                row.getLong("seconds"),
                                Instant.ofEpochMilli(row.getLong("until_at"))))
                .list();
    }

    /// Whether a machine of an order is sought.
    public boolean isAny(OrderId order) {
        return handle.createQuery("select 1 from sought where buyer_order = :order limit 1")
                .bind("order", order.value())
                .mapTo(Integer.class)
                .findOne()
                .isPresent();
    }

    /// A machine is sought no longer.
    ///
    /// @return whether it was
    public boolean delete(OrderId order, int rank) {
        return handle.createUpdate(
                                "delete from sought where buyer_order = :order and host_rank = :rank")
                        .bind("order", order.value())
                        .bind("rank", rank)
                        .execute()
                > 0;
    }

    /// No machine of an order is sought any longer.
    ///
    /// @return whether any was
    public boolean delete(OrderId order) {
        return handle.createUpdate("delete from sought where buyer_order = :order")
                        .bind("order", order.value())
                        .execute()
                > 0;
    }
}
