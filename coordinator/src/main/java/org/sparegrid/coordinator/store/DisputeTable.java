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
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.api.Dispute;

/// Disputes.
public final class DisputeTable {
    private final Handle handle;

    DisputeTable(Handle handle) {
        this.handle = handle;
    }

    /// A dispute and its parties.
    public record Row(AccountId buyer, AccountId owner, Dispute dispute) {}

    public void insert(Row row) {
        Dispute dispute = row.dispute;
        handle.createUpdate(
                        "insert into dispute (lease, buyer, owner, reason, reserved, state,"
                                + " refunded, created) values (:lease, :buyer, :owner, :reason,"
                                + " :reserved, :state, :refunded, :created)")
                .bind("lease", dispute.lease().value())
                .bind("buyer", row.buyer.value())
                .bind("owner", row.owner.value())
                .bind("reason", dispute.reason())
                .bind("reserved", dispute.reserved().nanos())
                .bind("state", dispute.state().name())
                .bind("refunded", dispute.refunded().nanos())
                .bind("created", dispute.created().toEpochMilli())
                .execute();
    }

    public void resolve(LeaseId lease, Credits refunded) {
        handle.createUpdate(
                        "update dispute set state = 'RESOLVED', refunded = :refunded"
                                + " where lease = :lease")
                .bind("lease", lease.value())
                .bind("refunded", refunded.nanos())
                .execute();
    }

    public Optional<Row> find(LeaseId lease) {
        return handle.createQuery("select * from dispute where lease = :lease")
                .bind("lease", lease.value())
                .map((row, _) -> row(row))
                .findOne();
    }

    /// Those of a party, newest first.
    public List<Dispute> of(AccountId party, int limit) {
        return handle.createQuery(
                        "select * from dispute where buyer = :party or owner = :party"
                                + " order by created desc, lease limit :limit")
                .bind("party", party.value())
                .bind("limit", limit)
                .map((row, _) -> row(row).dispute())
                .list();
    }

    /// Those that wait for the operator, oldest first.
    public List<Row> open() {
        return handle.createQuery(
                        "select * from dispute where state = 'OPEN' order by created, lease")
                .map((row, _) -> row(row))
                .list();
    }

    /// All, newest first.
    public List<Row> newest(int limit) {
        return handle.createQuery("select * from dispute order by created desc, lease limit :limit")
                .bind("limit", limit)
                .map((row, _) -> row(row))
                .list();
    }

    private static Row row(ResultSet row) throws SQLException {
        return new Row(
                new AccountId(row.getString("buyer")),
                new AccountId(row.getString("owner")),
                new Dispute(
                        new LeaseId(row.getString("lease")),
                        row.getString("reason"),
                        new Credits(row.getLong("reserved")),
                        Dispute.State.valueOf(row.getString("state")),
                        new Credits(row.getLong("refunded")),
                        Instant.ofEpochMilli(row.getLong("created"))));
    }
}
