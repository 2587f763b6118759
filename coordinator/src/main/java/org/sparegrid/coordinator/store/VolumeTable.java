// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;
import org.sparegrid.coordinator.volume.KeptTime;
import org.sparegrid.coordinator.volume.VolumeStatus;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.VolumeId;
import org.sparegrid.protocol.market.VolumeOffer;

/// Buyers' volumes.
public final class VolumeTable {
    private final Handle handle;

    VolumeTable(Handle handle) {
        this.handle = handle;
    }

    /// A volume.
    ///
    /// @param used whether a machine ever had it
    /// @param lease the machine that has it, or empty
    /// @param settledSeconds up to where it was paid
    /// @param settledAt when it was last paid
    /// @param charged what was paid
    public record Row(
            VolumeId id,
            long version,
            AccountId account,
            String name,
            int gibibytes,
            SellerId seller,
            String sellerName,
            Credits pricePerMonth,
            VolumeStatus status,
            boolean used,
            String lease,
            KeptTime time,
            long settledSeconds,
            Instant settledAt,
            Credits charged,
            Instant created) {
        /// What its first seconds cost.
        public Credits cost(long seconds) {
            return VolumeOffer.cost(pricePerMonth, gibibytes, seconds);
        }

        /// The same volume elsewhere in its life.
        public Row with(VolumeStatus next) {
            return copy(next, used, lease, time, settledSeconds, settledAt, charged);
        }

        /// The same volume with more time.
        public Row with(KeptTime next) {
            return copy(status, used, lease, next, settledSeconds, settledAt, charged);
        }

        /// The same volume after it was paid.
        public Row settled(long seconds, Instant now, Credits total) {
            return copy(status, used, lease, time, seconds, now, total);
        }

        /// The same volume in the hands of a machine, or of none.
        public Row heldBy(String machine, boolean wasUsed) {
            return copy(status, wasUsed, machine, time, settledSeconds, settledAt, charged);
        }

        private Row copy(
                VolumeStatus newStatus,
                boolean newUsed,
                String newLease,
                KeptTime newTime,
                long seconds,
                Instant at,
                Credits total) {
            return new Row(
                    id,
                    version + 1,
                    account,
                    name,
                    gibibytes,
                    seller,
                    sellerName,
                    pricePerMonth,
                    newStatus,
                    newUsed,
                    newLease,
                    newTime,
                    seconds,
                    at,
                    total,
                    created);
        }
    }

    /// Adds a volume.
    public void insert(Row row) {
        bind(
                        handle.createUpdate(
                                """
                                insert into volume (id, version, account, name, gibibytes, seller,
                                    seller_name, price_per_month, state, since, detail, used,
                                    lease, billable_millis, heard, settled_seconds, settled_at,
                                    charged, created)
                                values (:id, :version, :account, :name, :gibibytes, :seller,
                                    :sellerName, :pricePerMonth, :state, :since, :detail, :used,
                                    :lease, :billableMillis, :heard, :settledSeconds, :settledAt,
                                    :charged, :created)
                                """),
                        row)
                .bind("account", row.account.value())
                .bind("name", row.name)
                .bind("gibibytes", row.gibibytes)
                .bind("seller", row.seller.value())
                .bind("sellerName", row.sellerName)
                .bind("pricePerMonth", row.pricePerMonth.nanos())
                .bind("created", row.created.toEpochMilli())
                .execute();
    }

    /// Changes a volume.
    public void update(Row row) {
        bind(
                        handle.createUpdate(
                                """
                                update volume set version = :version, state = :state,
                                    since = :since, detail = :detail, used = :used, lease = :lease,
                                    billable_millis = :billableMillis, heard = :heard,
                                    settled_seconds = :settledSeconds, settled_at = :settledAt,
                                    charged = :charged
                                where id = :id
                                """),
                        row)
                .execute();
    }

    private static <T extends SqlStatement<T>> T bind(T statement, Row row) {
        return statement
                .bind("id", row.id.value())
                .bind("version", row.version)
                .bind("state", row.status.state().name())
                .bind("since", row.status.since().toEpochMilli())
                .bind("detail", row.status.detail())
                .bind("used", row.used ? 1 : 0)
                .bind("lease", row.lease)
                .bind("billableMillis", row.time.billableMillis())
                .bind("heard", row.time.heard().toEpochMilli())
                .bind("settledSeconds", row.settledSeconds)
                .bind("settledAt", row.settledAt.toEpochMilli())
                .bind("charged", row.charged.nanos());
    }

    /// The volume with that identifier.
    public Optional<Row> find(VolumeId id) {
        return handle.createQuery("select * from volume where id = :id")
                .bind("id", id.value())
                .map((row, _) -> row(row))
                .findOne();
    }

    /// The volume that a machine has.
    public Optional<Row> ofLease(LeaseId lease) {
        return handle.createQuery("select * from volume where lease = :lease")
                .bind("lease", lease.value())
                .map((row, _) -> row(row))
                .findOne();
    }

    /// An account's volumes, oldest first: all that have not ended before `since`.
    public List<Row> of(AccountId account, Instant since) {
        return handle.createQuery(
                        "select * from volume where account = :account"
                                + " and (state <> 'ENDED' or since >= :since)"
                                + " order by created, id")
                .bind("account", account.value())
                .bind("since", since.toEpochMilli())
                .map((row, _) -> row(row))
                .list();
    }

    /// What a computer has, or had better have: all that have not ended.
    public List<Row> of(SellerId seller) {
        return handle.createQuery(
                        "select * from volume where seller = :seller and state <> 'ENDED'"
                                + " order by created, id")
                .bind("seller", seller.value())
                .map((row, _) -> row(row))
                .list();
    }

    /// All that have not ended.
    public List<Row> all() {
        return handle.createQuery("select * from volume where state <> 'ENDED' order by id")
                .map((row, _) -> row(row))
                .list();
    }

    /// How much of a computer's disk is given away.
    public long gibibytes(SellerId seller) {
        return handle.createQuery(
                        "select coalesce(sum(gibibytes), 0) from volume"
                                + " where seller = :seller and state <> 'ENDED'")
                .bind("seller", seller.value())
                .mapTo(Long.class)
                .one();
    }

    private static Row row(ResultSet row) throws SQLException {
        return new Row(
                new VolumeId(row.getString("id")),
                row.getLong("version"),
                new AccountId(row.getString("account")),
                row.getString("name"),
                row.getInt("gibibytes"),
                new SellerId(row.getString("seller")),
                row.getString("seller_name"),
                new Credits(row.getLong("price_per_month")),
                new VolumeStatus(
                        VolumeStatus.State.valueOf(row.getString("state")),
                        Instant.ofEpochMilli(row.getLong("since")),
                        row.getString("detail")),
                row.getInt("used") != 0,
                row.getString("lease"),
                new KeptTime(
                        row.getLong("billable_millis"), Instant.ofEpochMilli(row.getLong("heard"))),
                row.getLong("settled_seconds"),
                Instant.ofEpochMilli(row.getLong("settled_at")),
                new Credits(row.getLong("charged")),
                Instant.ofEpochMilli(row.getLong("created")));
    }
}
