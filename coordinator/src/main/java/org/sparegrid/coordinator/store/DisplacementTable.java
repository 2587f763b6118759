// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.market.LeaseState;

/// Interruptible machines that have to go, and the orders that get their slots.
public final class DisplacementTable {
    /// Machines that are considered for one order; those beyond are dearer.
    private static final int CANDIDATES_MAX = 10_000;

    private static final String WITH_STATE =
            "select d.*, l.state from displacement d join lease l on l.id = d.lease ";

    private final Handle handle;

    DisplacementTable(Handle handle) {
        this.handle = handle;
    }

    /// A machine that has to go.
    ///
    /// @param claimant the order that gets its slot
    /// @param endsAt when it is ended
    /// @param state where it stands
    public record Row(
            LeaseId lease, SlotId slot, OrderId claimant, Instant endsAt, LeaseState state) {
        /// Whether its slot is there for the claimant.
        public boolean isOver() {
            return !state.isLive();
        }

        /// Whether it is yet to be ended.
        public boolean mayBeEnded() {
            return state.isLive() && state != LeaseState.STOPPING;
        }
    }

    /// A machine that may have to go.
    ///
    /// @param buyer whose it is
    /// @param created when it was leased
    public record Candidate(LeaseId lease, SlotId slot, AccountId buyer, Instant created) {}

    /// A machine was told when it ends.
    public void insert(LeaseId lease, SlotId slot, OrderId claimant, Instant endsAt) {
        handle.createUpdate(
                        "insert into displacement (lease, slot, claimant, ends_at)"
                                + " values (:lease, :slot, :claimant, :endsAt)")
                .bind("lease", lease.value())
                .bind("slot", slot.value())
                .bind("claimant", claimant.value())
                .bind("endsAt", endsAt.toEpochMilli())
                .execute();
    }

    /// When a machine ends for which another has to, if it has.
    public Optional<Row> find(LeaseId lease) {
        return handle.createQuery(WITH_STATE + "where d.lease = :lease")
                .bind("lease", lease.value())
                .map((row, _) -> row(row))
                .findOne();
    }

    /// The machines that have to go for an order, or went.
    public List<Row> of(OrderId claimant) {
        return handle.createQuery(WITH_STATE + "where d.claimant = :claimant order by d.lease")
                .bind("claimant", claimant.value())
                .map((row, _) -> row(row))
                .list();
    }

    /// When machines of an order end that have to go.
    public Map<LeaseId, Instant> endsOf(OrderId order) {
        return handle
                .createQuery(WITH_STATE + "where l.buyer_order = :order")
                .bind("order", order.value())
                .map((row, _) -> row(row))
                .stream()
                .filter(row -> !row.isOver())
                .collect(Collectors.toMap(Row::lease, Row::endsAt));
    }

    /// The orders for which machines have to go.
    public Set<OrderId> claimants() {
        return handle.createQuery("select distinct claimant from displacement")
                .map((row, _) -> new OrderId(row.getString("claimant")))
                .set();
    }

    /// The slots that are kept for orders.
    public List<SlotId> slots() {
        return handle.createQuery("select slot from displacement")
                .map((row, _) -> new SlotId(row.getString("slot")))
                .list();
    }

    /// Whether a machine's slot is kept for an order.
    public boolean isKept(LeaseId lease) {
        return handle.createQuery("select 1 from displacement where lease = :lease")
                .bind("lease", lease.value())
                .mapTo(Integer.class)
                .findOne()
                .isPresent();
    }

    /// A machine goes on, or its slot is kept no longer.
    public void delete(LeaseId lease) {
        handle.createUpdate("delete from displacement where lease = :lease")
                .bind("lease", lease.value())
                .execute();
    }

    /// The cheapest interruptible machines that no order displaces yet.
    public List<Candidate> candidates() {
        return handle.createQuery(
                        """
                        select l.id, l.slot, l.created, o.account
                        from lease l join buyer_order o on o.id = l.buyer_order
                        where o.interruptible = 1
                            and l.state in ('RESERVED', 'OFFERED', 'ACCEPTED', 'STARTING', 'RUNNING')
                            and not exists (select 1 from displacement d where d.lease = l.id)
                        order by l.price_per_hour, l.created desc, l.id limit :limit
                        """)
                .bind("limit", CANDIDATES_MAX)
                .map((row, _) ->
                        new Candidate(
                                new LeaseId(row.getString("id")),
                                new SlotId(row.getString("slot")),
                                new AccountId(row.getString("account")),
                                Instant.ofEpochMilli(row.getLong("created"))))
                .list();
    }

    private static Row row(ResultSet row) throws SQLException {
        return new Row(
                new LeaseId(row.getString("lease")),
                new SlotId(row.getString("slot")),
                new OrderId(row.getString("claimant")),
                Instant.ofEpochMilli(row.getLong("ends_at")),
                LeaseState.valueOf(row.getString("state")));
    }
}
