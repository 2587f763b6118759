// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.sparegrid.coordinator.market.formula.Interruptions;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.LeaseProgress;

/// How long the machines of sellers' computers ran, and how often they were lost by no fault of the
/// buyer. What ended is summed up by days, so a computer's history costs the same however many
/// machines it had in a day; what runs is read from the leases.
public final class SellerDayTable {
    private static final double MILLIS_PER_HOUR = 3.6e6;
    private static final long MILLIS_PER_DAY = 86_400_000;

    /// Ends that are the seller's fault.
    private static final Set<EndReason> LOST =
            Set.of(EndReason.SELLER, EndReason.FAILED, EndReason.LOST);

    /// Days that ended, and leases that run.
    private static final String ALL =
            "select seller, billable_millis, lost from seller_day where day >= :day"
                    + " union all select seller, billable_millis, 0 as lost from lease"
                    + " where phase = 'ON_NETWORK' and created >= :since and state in "
                    + LeaseTable.LIVE;

    private static final String SUMS =
            "select seller, sum(billable_millis) as millis, sum(lost) as lost from (";

    private final Handle handle;

    SellerDayTable(Handle handle) {
        this.handle = handle;
    }

    /// Adds a lease that has just ended to its day; one that never ran counts for nothing.
    public void add(LeaseTable.Row ended) {
        if (ended.status().progress().phase() != LeaseProgress.Phase.ON_NETWORK) {
            return;
        }
        handle.createUpdate(
                        """
                        insert into seller_day (seller, day, billable_millis, lost)
                        values (:seller, :day, :millis, :lost)
                        on conflict (seller, day) do update set
                            billable_millis = seller_day.billable_millis + excluded.billable_millis,
                            lost = seller_day.lost + excluded.lost
                        """)
                .bind("seller", ended.seller().value())
                .bind("day", day(ended.created()))
                .bind("millis", ended.meter().billableMillis())
                .bind("lost", ended.status().reason().filter(LOST::contains).isPresent() ? 1 : 0)
                .execute();
    }

    /// A computer that was bound to an order was not there at its start.
    public void breakPromise(SellerId seller, Instant at) {
        handle.createUpdate(
                        """
                        insert into seller_day (seller, day, billable_millis, lost)
                        values (:seller, :day, 0, 1)
                        on conflict (seller, day) do update set lost = seller_day.lost + 1
                        """)
                .bind("seller", seller.value())
                .bind("day", day(at))
                .execute();
    }

    /// The sums of each seller whose machines ran.
    ///
    /// @param since leases of days before don't count
    public Map<SellerId, Interruptions> interruptions(Instant since) {
        return handle
                .createQuery(SUMS + ALL + ") as all_of_them group by seller")
                .bind("day", day(since))
                .bind("since", since.toEpochMilli())
                .map((row, _) ->
                        Map.entry(new SellerId(row.getString("seller")), interruptions(row)))
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /// The same of one seller.
    public Interruptions interruptions(SellerId seller, Instant since) {
        return handle.createQuery(
                        SUMS
                                + ALL.replace("where", "where seller = :seller and")
                                + ") as all_of_it group by seller")
                .bind("seller", seller.value())
                .bind("day", day(since))
                .bind("since", since.toEpochMilli())
                .map((row, _) -> interruptions(row))
                .findOne()
                .orElse(Interruptions.NONE);
    }

    private static Interruptions interruptions(ResultSet row) throws SQLException {
        return new Interruptions(row.getLong("lost"), row.getLong("millis") / MILLIS_PER_HOUR);
    }

    private static long day(Instant time) {
        return Math.floorDiv(time.toEpochMilli(), MILLIS_PER_DAY);
    }
}
