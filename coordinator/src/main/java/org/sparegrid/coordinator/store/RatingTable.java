// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.sparegrid.coordinator.market.formula.Opinions.Opinion;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.SellerId;

/// What the parties of leases say of each other.
public final class RatingTable {
    private static final String OPINIONS =
            """
            select r.rater, r.good, r.at, l.charged,
                coalesce((select sum(l2.charged) from lease l2
                    join buyer_order o2 on o2.id = l2.buyer_order
                    join seller s2 on s2.id = l2.seller
                    where o2.account = o.account and s2.account <> s.account
                    and s2.account <> o.account), 0) as elsewhere,
                coalesce((select sum(d.amount) from deposit d
                    where d.account = o.account and d.state = 'POSTED'), 0) as paid_in
            from rating r join lease l on l.id = r.lease
                join buyer_order o on o.id = l.buyer_order
                join seller s on s.id = l.seller
            where s.account <> o.account and
            """;

    private final Handle handle;

    RatingTable(Handle handle) {
        this.handle = handle;
    }

    /// Who of a lease's parties says it.
    public enum Side {
        BUYER,
        SELLER
    }

    /// Notes what a party of a lease says; the first word stands.
    ///
    /// @return whether it was the first
    public boolean add(LeaseId lease, Side side, AccountId rater, boolean good, Instant now) {
        return handle.createUpdate(
                                "insert into rating (lease, side, rater, good, at) values"
                                        + " (:lease, :side, :rater, :good, :now)"
                                        + " on conflict (lease, side) do nothing")
                        .bind("lease", lease.value())
                        .bind("side", side.name())
                        .bind("rater", rater.value())
                        .bind("good", good ? 1 : 0)
                        .bind("now", now.toEpochMilli())
                        .execute()
                > 0;
    }

    /// What buyers say of a computer.
    public List<Opinion> ofSeller(SellerId seller) {
        return opinions("r.side = 'BUYER' and l.seller = :subject", seller.value());
    }

    /// What sellers say of a buyer. Here, too, the money is what the buyer spent and paid in.
    public List<Opinion> ofBuyer(AccountId buyer) {
        return opinions("r.side = 'SELLER' and o.account = :subject", buyer.value());
    }

    private List<Opinion> opinions(String which, String subject) {
        return handle.createQuery(OPINIONS + which)
                .bind("subject", subject)
                .map((row, _) ->
                        new Opinion(
                                row.getString("rater"),
                                row.getInt("good") != 0,
                                new Credits(row.getLong("charged")),
                                new Credits(row.getLong("elsewhere")),
                                new Credits(row.getLong("paid_in")),
                                Instant.ofEpochMilli(row.getLong("at"))))
                .list();
    }

    /// What a party of a lease said, if it did.
    public Optional<Boolean> find(LeaseId lease, Side side) {
        return handle.createQuery("select good from rating where lease = :lease and side = :side")
                .bind("lease", lease.value())
                .bind("side", side.name())
                .map((row, _) -> row.getInt("good") != 0)
                .findOne();
    }
}
