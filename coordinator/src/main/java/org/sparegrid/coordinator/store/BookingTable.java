// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.market.Booking;

/// Machines that are bound to orders for a time to come.
public final class BookingTable {
    private final Handle handle;

    BookingTable(Handle handle) {
        this.handle = handle;
    }

    /// A machine of an order.
    ///
    /// @param pricePerHour what was agreed
    /// @param feePerGigabyte likewise
    /// @param charged what its seller got because the buyer went back on it
    public record Row(
            OrderId order,
            int rank,
            SlotId slot,
            String sellerName,
            Credits pricePerHour,
            Credits feePerGigabyte,
            Instant begins,
            Instant ends,
            Booking.State state,
            Credits charged) {}

    /// A machine is bound.
    ///
    /// @throws IllegalStateException if its slot is bound at that time already
    public void insert(Row row) {
        boolean taken =
                handle.createQuery(
                                "select 1 from booking where slot = :slot and state = 'BOUND'"
                                        + " and begins < :ends and ends > :begins limit 1")
                        .bind("slot", row.slot.value())
                        .bind("begins", row.begins.toEpochMilli())
                        .bind("ends", row.ends.toEpochMilli())
                        .mapTo(Integer.class)
                        .findOne()
                        .isPresent();
        if (taken) {
            throw new IllegalStateException("booking: the slot " + row.slot + " is bound already");
        }
        handle.createUpdate(
                        """
                        insert into booking (buyer_order, host_rank, slot, seller, seller_name,
                            price_per_hour, network_fee, begins, ends, state, charged)
                        values (:order, :rank, :slot, :seller, :sellerName, :price, :fee, :begins,
                            :ends, :state, :charged)
                        """)
                .bind("order", row.order.value())
                .bind("rank", row.rank)
                .bind("slot", row.slot.value())
                .bind("seller", row.slot.seller().value())
                .bind("sellerName", row.sellerName)
                .bind("price", row.pricePerHour.nanos())
                .bind("fee", row.feePerGigabyte.nanos())
                .bind("begins", row.begins.toEpochMilli())
                .bind("ends", row.ends.toEpochMilli())
                .bind("state", row.state.name())
                .bind("charged", row.charged.nanos())
                .execute();
    }

    /// What was bound for an order, whatever became of it.
    public List<Row> of(OrderId order) {
        return handle.createQuery(
                        "select * from booking where buyer_order = :order order by host_rank")
                .bind("order", order.value())
                .map((row, _) -> row(row))
                .list();
    }

    /// All machines that are bound.
    public List<Row> bound() {
        return handle.createQuery(
                        "select * from booking where state = 'BOUND'"
                                + " order by begins, buyer_order, host_rank")
                .map((row, _) -> row(row))
                .list();
    }

    /// How many machines are bound.
    public long count() {
        return handle.createQuery("select count(*) from booking where state = 'BOUND'")
                .mapTo(Long.class)
                .one();
    }

    /// A machine is bound no longer.
    public void end(OrderId order, int rank, Booking.State state, Credits charged) {
        handle.createUpdate(
                        "update booking set state = :state, charged = :charged"
                                + " where buyer_order = :order and host_rank = :rank")
                .bind("state", state.name())
                .bind("charged", charged.nanos())
                .bind("order", order.value())
                .bind("rank", rank)
                .execute();
    }

    /// Slots that are leased now and will be there then: those of interruptible machines, and those
    /// whose machines' time is over by then.
    ///
    /// @param slack what a machine may take to start
    public List<SlotId> freeBy(Instant begins, Duration slack) {
        return handle.createQuery(
                        """
                        select l.slot from lease l join buyer_order o on o.id = l.buyer_order
                        where l.state in ('RESERVED', 'OFFERED', 'ACCEPTED', 'STARTING', 'RUNNING',
                                'STOPPING')
                            and (o.interruptible = 1 or l.created + l.seconds_max * 1000 <= :latest)
                            and not exists (select 1 from displacement d where d.lease = l.id)
                        """)
                .bind("latest", begins.minus(slack).toEpochMilli())
                .map((row, _) -> new SlotId(row.getString("slot")))
                .list();
    }

    /// The interruptible machines that are in the way of an order's bookings and don't know it yet.
    public List<InTheWay> inTheWay(OrderId order) {
        return handle.createQuery(
                        """
                        select l.id, l.slot from booking b join lease l on l.slot = b.slot
                            join buyer_order o on o.id = l.buyer_order
                        where b.buyer_order = :order and b.state = 'BOUND' and o.interruptible = 1
                            and l.state in ('RESERVED', 'OFFERED', 'ACCEPTED', 'STARTING', 'RUNNING')
                            and not exists (select 1 from displacement d where d.lease = l.id)
                        order by l.id
                        """)
                .bind("order", order.value())
                .map((row, _) ->
                        new InTheWay(
                                new LeaseId(row.getString("id")),
                                new SlotId(row.getString("slot"))))
                .list();
    }

    /// A machine that has to go.
    public record InTheWay(LeaseId lease, SlotId slot) {}

    private static Row row(ResultSet row) throws SQLException {
        return new Row(
                new OrderId(row.getString("buyer_order")),
                row.getInt("host_rank"),
                new SlotId(row.getString("slot")),
                row.getString("seller_name"),
                new Credits(row.getLong("price_per_hour")),
                new Credits(row.getLong("network_fee")),
                Instant.ofEpochMilli(row.getLong("begins")),
                Instant.ofEpochMilli(row.getLong("ends")),
                Booking.State.valueOf(row.getString("state")),
                new Credits(row.getLong("charged")));
    }
}
