// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.api.Prices;

/// What machines cost that were leased, and the medians of the hours that are over.
public final class PriceTable {
    private static final String WITHIN = " from lease where created >= :from and created < :to";

    /// The price of a leased slot for the speed of one reference core.
    private static final String PER_CORE = "price_per_hour * 1000.0 / speed";

    private static final long HOUR_MILLIS = Duration.ofHours(1).toMillis();

    private final Handle handle;

    PriceTable(Handle handle) {
        this.handle = handle;
    }

    /// The begin of the first hour after the last one that was noted in which a machine was leased.
    public Optional<Instant> next() {
        return handle.createQuery(
                        "select min(created) as first from lease where created >="
                                + " (select coalesce(max(hour) + 1, 0) * "
                                + HOUR_MILLIS
                                + " from price_hour)")
                .map((row, _) -> {
                    long first = row.getLong("first");
                    return row.wasNull() ? Optional.<Instant>empty() : Optional.of(begin(first));
                })
                .one();
    }

    private static Instant begin(long millis) {
        return Instant.ofEpochMilli(Math.floorDiv(millis, HOUR_MILLIS) * HOUR_MILLIS);
    }

    /// Notes what the machines cost that were leased within an hour, at least one.
    public void note(Instant hour) {
        Instant end = hour.plusMillis(HOUR_MILLIS);
        long leases = count(hour, end, "");
        long weighed = count(hour, end, " and speed > 0");
        handle.createUpdate(
                        "insert into price_hour (hour, leases, low, median, high, median_per_core)"
                                + " values (:hour, :leases, :low, :median, :high, :perCore)")
                .bind("hour", hour.toEpochMilli() / HOUR_MILLIS)
                .bind("leases", leases)
                .bind("low", price(hour, end, 0))
                .bind("median", price(hour, end, (leases - 1) / 2))
                .bind("high", price(hour, end, leases - 1))
                .bind("perCore", weighed == 0 ? 0 : perCore(hour, end, weighed).nanos())
                .execute();
    }

    private long price(Instant from, Instant to, long nth) {
        return handle.createQuery(
                        "select price_per_hour"
                                + WITHIN
                                + " order by price_per_hour limit 1 offset :nth")
                .bind("from", from.toEpochMilli())
                .bind("to", to.toEpochMilli())
                .bind("nth", nth)
                .mapTo(Long.class)
                .one();
    }

    /// Leases of that time whose machines' speed is known.
    public long weighed(Instant from, Instant to) {
        return count(from, to, " and speed > 0");
    }

    private long count(Instant from, Instant to, String and) {
        return handle.createQuery("select count(*)" + WITHIN + and)
                .bind("from", from.toEpochMilli())
                .bind("to", to.toEpochMilli())
                .mapTo(Long.class)
                .one();
    }

    /// The median price for the speed of one reference core of those leases.
    ///
    /// @param weighed how many they are, at least one
    public Credits perCore(Instant from, Instant to, long weighed) {
        double nanos =
                handle.createQuery(
                                "select "
                                        + PER_CORE
                                        + " as price"
                                        + WITHIN
                                        + " and speed > 0 order by price limit 1 offset :nth")
                        .bind("from", from.toEpochMilli())
                        .bind("to", to.toEpochMilli())
                        .bind("nth", (weighed - 1) / 2)
                        .map((row, _) -> row.getDouble("price"))
                        .one();
        return new Credits(Math.round(nanos));
    }

    /// The hours that were noted, oldest first.
    public List<Prices.Hour> since(Instant from) {
        return handle.createQuery("select * from price_hour where hour >= :from order by hour")
                .bind("from", Math.ceilDiv(from.toEpochMilli(), HOUR_MILLIS))
                .map((row, _) ->
                        new Prices.Hour(
                                Instant.ofEpochMilli(row.getLong("hour") * HOUR_MILLIS),
                                row.getLong("leases"),
                                new Credits(row.getLong("low")),
                                new Credits(row.getLong("median")),
                                new Credits(row.getLong("high")),
                                new Credits(row.getLong("median_per_core"))))
                .list();
    }

    /// Forgets the hours before that one, except the last, which says how far was noted.
    public void forget(Instant before) {
        handle.createUpdate(
                        "delete from price_hour where hour < :before"
                                + " and hour < (select max(hour) from price_hour)")
                .bind("before", before.toEpochMilli() / HOUR_MILLIS)
                .execute();
    }
}
