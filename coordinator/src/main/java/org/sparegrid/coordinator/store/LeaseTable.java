// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;
import org.sparegrid.coordinator.lease.LeaseStatus;
import org.sparegrid.coordinator.lease.Meter;
import org.sparegrid.coordinator.lease.Traffic;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.LeaseEvent;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.protocol.market.LeaseState;
import org.sparegrid.protocol.market.Usage;

/// Leases and their events.
public final class LeaseTable {
    /// The states in which a lease holds its slot.
    static final String LIVE =
            "('RESERVED', 'OFFERED', 'ACCEPTED', 'STARTING', 'RUNNING', 'STOPPING')";

    private final Handle handle;

    LeaseTable(Handle handle) {
        this.handle = handle;
    }

    /// A lease.
    ///
    /// @param secondsMax the order's time
    /// @param settledSeconds up to where it was paid
    /// @param settledAt when it was last paid
    /// @param charged what was paid for its time
    /// @param traffic what it sent and received, and what was paid for that
    public record Row(
            LeaseId id,
            OrderId order,
            int rank,
            SlotId slot,
            String sellerName,
            Acceleration acceleration,
            Credits pricePerHour,
            long secondsMax,
            LeaseStatus status,
            Meter meter,
            long settledSeconds,
            Instant settledAt,
            Credits charged,
            Traffic traffic,
            Instant created) {
        /// Whose machine.
        public SellerId seller() {
            return slot.seller();
        }

        /// All that was paid.
        public Credits paid() {
            return charged.plus(traffic.charged());
        }

        /// The same lease elsewhere in its life.
        public Row with(LeaseStatus next) {
            return copy(next, meter, settledSeconds, settledAt, charged, traffic);
        }

        /// The same lease with another reading.
        public Row with(Meter next) {
            return copy(status, next, settledSeconds, settledAt, charged, traffic);
        }

        /// The same lease with other traffic.
        public Row with(Traffic next) {
            return copy(status, meter, settledSeconds, settledAt, charged, next);
        }

        /// The same lease after its time was paid.
        public Row settled(long seconds, Instant now, Credits total) {
            return copy(status, meter, seconds, now, total, traffic);
        }

        private Row copy(
                LeaseStatus newStatus,
                Meter newMeter,
                long seconds,
                Instant at,
                Credits total,
                Traffic newTraffic) {
            return new Row(
                    id,
                    order,
                    rank,
                    slot,
                    sellerName,
                    acceleration,
                    pricePerHour,
                    secondsMax,
                    newStatus,
                    newMeter,
                    seconds,
                    at,
                    total,
                    newTraffic,
                    created);
        }
    }

    /// How long the last starts took, newest first.
    public List<Long> startMillis(int limit) {
        return handle.createQuery(
                        "select meter_started - created as took from lease"
                                + " where phase = 'ON_NETWORK' order by created desc limit :limit")
                .bind("limit", limit)
                .map((row, _) -> row.getLong("took"))
                .list();
    }

    /// Adds a lease. A slot that is sold already is refused by the database.
    ///
    /// @param speed of all the slot's cores, in thousandths of the reference core
    public void insert(Row row, long speed) {
        bind(
                        handle.createUpdate(
                                """
                                insert into lease (id, buyer_order, host_rank, slot, seller,
                                    seller_name, acceleration, price_per_hour, seconds_max, state,
                                    phase, progress_done, progress_total, since, reason, detail,
                                    run_millis, cpu_nanos, received_bytes, sent_bytes,
                                    billable_millis, meter_started, meter_accepted,
                                    settled_seconds, settled_at, charged, network_fee,
                                    traffic_max, traffic_counted, traffic_agreed,
                                    traffic_settled, traffic_charged, saved_bytes, bonus,
                                    created, speed)
                                values (:id, :order, :rank, :slot, :seller, :sellerName,
                                    :acceleration, :price, :secondsMax, :state, :phase, :done,
                                    :total, :since, :reason, :detail, :runMillis, :cpuNanos,
                                    :receivedBytes, :sentBytes, :billableMillis, :meterStarted,
                                    :meterAccepted, :settledSeconds, :settledAt, :charged,
                                    :fee, :trafficMax, :counted, :agreed, :settled, :carried,
                                    :saved, :bonus, :created, :speed)
                                """),
                        row)
                .bind("order", row.order.value())
                .bind("rank", row.rank)
                .bind("slot", row.slot.value())
                .bind("seller", row.seller().value())
                .bind("sellerName", row.sellerName)
                .bind("acceleration", row.acceleration.name())
                .bind("price", row.pricePerHour.nanos())
                .bind("secondsMax", row.secondsMax)
                .bind("fee", row.traffic.feePerGigabyte().nanos())
                .bind("trafficMax", row.traffic.bytesMax())
                .bind("created", row.created.toEpochMilli())
                .bind("speed", speed)
                .execute();
    }

    /// Writes what of a lease can change.
    public void update(Row row) {
        bind(
                        handle.createUpdate(
                                """
                                update lease set state = :state, phase = :phase,
                                    progress_done = :done, progress_total = :total, since = :since,
                                    reason = :reason, detail = :detail, run_millis = :runMillis,
                                    cpu_nanos = :cpuNanos, received_bytes = :receivedBytes,
                                    sent_bytes = :sentBytes, billable_millis = :billableMillis,
                                    meter_started = :meterStarted, meter_accepted = :meterAccepted,
                                    settled_seconds = :settledSeconds, settled_at = :settledAt,
                                    charged = :charged, traffic_counted = :counted,
                                    traffic_agreed = :agreed, traffic_settled = :settled,
                                    traffic_charged = :carried, saved_bytes = :saved,
                                    bonus = :bonus
                                where id = :id
                                """),
                        row)
                .execute();
    }

    /// The lease with that identifier.
    public Optional<Row> find(LeaseId id) {
        return handle.createQuery("select * from lease where id = :id")
                .bind("id", id.value())
                .map((row, _) -> row(row))
                .findOne();
    }

    /// All leases of an order by rank, the newest of each rank last.
    public List<Row> ofOrder(OrderId order) {
        return handle.createQuery(
                        "select * from lease where buyer_order = :order"
                                + " order by host_rank, created, id")
                .bind("order", order.value())
                .map((row, _) -> row(row))
                .list();
    }

    /// The leases of an account's computers, newest first.
    public List<Row> ofOwner(AccountId owner, int limit) {
        return handle.createQuery(
                        "select l.* from lease l join seller s on s.id = l.seller"
                                + " where s.account = :owner order by l.created desc, l.id"
                                + " limit :limit")
                .bind("owner", owner.value())
                .bind("limit", limit)
                .map((row, _) -> row(row))
                .list();
    }

    /// The live leases on a seller's machine.
    public List<Row> liveOf(SellerId seller) {
        return handle.createQuery("select * from lease where seller = :seller and state in " + LIVE)
                .bind("seller", seller.value())
                .map((row, _) -> row(row))
                .list();
    }

    /// All live leases.
    public List<Row> live() {
        return handle.createQuery("select * from lease where state in " + LIVE)
                .map((row, _) -> row(row))
                .list();
    }

    /// How many leases are live.
    public long countLive() {
        return handle.createQuery("select count(*) from lease where state in " + LIVE)
                .mapTo(Long.class)
                .one();
    }

    /// What the open ports of all leases' computers saved.
    public long savedBytes() {
        return handle.createQuery("select coalesce(sum(saved_bytes), 0) from lease")
                .mapTo(Long.class)
                .one();
    }

    /// The slots that are sold.
    public List<SlotId> takenSlots() {
        return handle.createQuery("select slot from lease where state in " + LIVE)
                .map((row, _) -> new SlotId(row.getString("slot")))
                .list();
    }

    /// Adds to a lease's history.
    public void addEvent(LeaseId lease, LeaseEvent event) {
        handle.createUpdate(
                        "insert into lease_event (lease, number, at, state, detail) select :lease,"
                                + " coalesce(max(number), 0) + 1, :at, :state, :detail"
                                + " from lease_event where lease = :lease")
                .bind("lease", lease.value())
                .bind("at", event.at().toEpochMilli())
                .bind("state", event.state().name())
                .bind("detail", event.detail())
                .execute();
    }

    /// A lease's history, oldest first.
    public List<LeaseEvent> events(LeaseId lease) {
        return handle.createQuery(
                        "select at, state, detail from lease_event where lease = :lease"
                                + " order by number")
                .bind("lease", lease.value())
                .map((row, _) -> event(row))
                .list();
    }

    /// The histories of all leases of an order, each oldest first.
    public Map<LeaseId, List<LeaseEvent>> eventsOf(OrderId order) {
        return handle
                .createQuery(
                        "select e.lease, e.at, e.state, e.detail from lease l"
                                + " join lease_event e on e.lease = l.id"
                                + " where l.buyer_order = :order order by e.lease, e.number")
                .bind("order", order.value())
                .map((row, _) -> Map.entry(new LeaseId(row.getString("lease")), event(row)))
                .stream()
                .collect(
                        Collectors.groupingBy(
                                Map.Entry::getKey,
                                Collectors.mapping(Map.Entry::getValue, Collectors.toList())));
    }

    private static LeaseEvent event(ResultSet row) throws SQLException {
        return new LeaseEvent(
                Instant.ofEpochMilli(row.getLong("at")),
                LeaseState.valueOf(row.getString("state")),
                row.getString("detail"));
    }

    /// Keeps what a machine last wrote to its console.
    ///
    /// @param content in base64
    public void putConsole(LeaseId lease, long offset, String content) {
        handle.createUpdate(
                        "insert into console_text (lease, start_offset, content)"
                                + " values (:lease, :offset, :content) on conflict (lease)"
                                + " do update set start_offset = excluded.start_offset,"
                                + " content = excluded.content")
                .bind("lease", lease.value())
                .bind("offset", offset)
                .bind("content", content)
                .execute();
    }

    /// What was kept of a console.
    public Optional<Console> console(LeaseId lease) {
        return handle.createQuery(
                        "select start_offset, content from console_text where lease = :lease")
                .bind("lease", lease.value())
                .map((row, _) -> new Console(row.getLong(1), row.getString(2)))
                .findOne();
    }

    /// What was kept of a console: the offset of its first byte, and the bytes in base64.
    public record Console(long offset, String content) {}

    private static <S extends SqlStatement<S>> S bind(S statement, Row row) {
        LeaseStatus status = row.status;
        Meter meter = row.meter;
        return statement
                .bind("id", row.id.value())
                .bind("state", status.state().name())
                .bind("phase", status.progress().phase().name())
                .bind("done", status.progress().done())
                .bind("total", status.progress().total())
                .bind("since", status.since().toEpochMilli())
                .bind("reason", status.reason().map(EndReason::name).orElse(""))
                .bind("detail", status.detail())
                .bind("runMillis", meter.usage().runMillis())
                .bind("cpuNanos", meter.usage().cpuNanos())
                .bind("receivedBytes", meter.usage().receivedBytes())
                .bind("sentBytes", meter.usage().sentBytes())
                .bind("billableMillis", meter.billableMillis())
                .bind("meterStarted", meter.started().toEpochMilli())
                .bind("meterAccepted", meter.accepted().toEpochMilli())
                .bind("settledSeconds", row.settledSeconds)
                .bind("settledAt", row.settledAt.toEpochMilli())
                .bind("charged", row.charged.nanos())
                .bind("counted", row.traffic.countedBytes())
                .bind("agreed", row.traffic.agreedBytes())
                .bind("settled", row.traffic.settledBytes())
                .bind("carried", row.traffic.charged().nanos())
                .bind("saved", row.traffic.savedBytes())
                .bind("bonus", row.traffic.bonus().nanos());
    }

    private static Row row(ResultSet row) throws SQLException {
        return new Row(
                new LeaseId(row.getString("id")),
                new OrderId(row.getString("buyer_order")),
                row.getInt("host_rank"),
                new SlotId(row.getString("slot")),
                row.getString("seller_name"),
                Acceleration.valueOf(row.getString("acceleration")),
                new Credits(row.getLong("price_per_hour")),
                row.getLong("seconds_max"),
                status(row),
                meter(row),
                row.getLong("settled_seconds"),
                Instant.ofEpochMilli(row.getLong("settled_at")),
                new Credits(row.getLong("charged")),
                traffic(row),
                Instant.ofEpochMilli(row.getLong("created")));
    }

    private static Traffic traffic(ResultSet row) throws SQLException {
        return new Traffic(
                new Credits(row.getLong("network_fee")),
                row.getLong("traffic_max"),
                row.getLong("traffic_counted"),
                row.getLong("traffic_agreed"),
                row.getLong("traffic_settled"),
                new Credits(row.getLong("traffic_charged")),
                row.getLong("saved_bytes"),
                new Credits(row.getLong("bonus")));
    }

    private static LeaseStatus status(ResultSet row) throws SQLException {
        String reason = row.getString("reason");
        return new LeaseStatus(
                LeaseState.valueOf(row.getString("state")),
                new LeaseProgress(
                        LeaseProgress.Phase.valueOf(row.getString("phase")),
                        row.getLong("progress_done"),
                        row.getLong("progress_total")),
                Instant.ofEpochMilli(row.getLong("since")),
                reason.isEmpty() ? Optional.empty() : Optional.of(EndReason.valueOf(reason)),
                row.getString("detail"));
    }

    private static Meter meter(ResultSet row) throws SQLException {
        return new Meter(
                new Usage(
                        row.getLong("run_millis"),
                        row.getLong("cpu_nanos"),
                        row.getLong("received_bytes"),
                        row.getLong("sent_bytes")),
                row.getLong("billable_millis"),
                Instant.ofEpochMilli(row.getLong("meter_started")),
                Instant.ofEpochMilli(row.getLong("meter_accepted")));
    }
}
