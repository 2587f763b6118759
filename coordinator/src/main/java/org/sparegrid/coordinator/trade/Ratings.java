// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Instant;
import org.sparegrid.coordinator.market.formula.Opinions;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.RatingTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.api.Opinion;
import org.sparegrid.protocol.api.Sales;
import org.sparegrid.protocol.market.EndReason;

/// What the parties of leases say of each other, and what their sellers see of them.
final class Ratings {
    /// Leases in one list.
    private static final int LIST_MAX = 200;

    private static final int THOUSAND = 1000;

    private final Exchange exchange;

    Ratings(Exchange exchange) {
        this.exchange = exchange;
    }

    /// Notes what a party says of a lease that ran and ended.
    void rate(AccountId account, LeaseId id, Opinion opinion) {
        SellerId seller =
                exchange.change((tx, effects, now) -> {
                    LeaseTable.Row lease =
                            tx.leases()
                                    .find(id)
                                    .orElseThrow(() -> RefusedException.notFound("machine " + id));
                    RatingTable.Side side = side(tx, account, lease);
                    if (lease.status().state().isLive() || lease.paid().nanos() == 0) {
                        throw new RefusedException(
                                Reason.CONFLICT,
                                "only a machine that ran, was paid for and has ended can be rated");
                    }
                    if (!tx.ratings().add(id, side, account, opinion.good(), now)) {
                        throw new RefusedException(
                                Reason.CONFLICT, "you have rated this machine already");
                    }
                    effects.judged(lease.seller());
                    return lease.seller();
                });
        System.getLogger(Ratings.class.getName())
                .log(
                        System.Logger.Level.INFO,
                        () -> "lease rated lease=" + id + " seller=" + seller);
    }

    private static RatingTable.Side side(Transaction tx, AccountId account, LeaseTable.Row lease) {
        AccountId buyer = tx.orders().find(lease.order()).orElseThrow().account();
        AccountId owner = tx.sellers().owner(lease.seller()).orElseThrow();
        if (buyer.equals(owner) && buyer.equals(account)) {
            throw new RefusedException(Reason.CONFLICT, "nobody rates his own machine");
        }
        if (buyer.equals(account)) {
            return RatingTable.Side.BUYER;
        }
        if (owner.equals(account)) {
            return RatingTable.Side.SELLER;
        }
        throw RefusedException.notFound("machine " + lease.id());
    }

    /// The last leases of an account's computers.
    Sales sales(AccountId account) {
        return exchange.read(tx ->
                new Sales(
                        tx.leases().ofOwner(account, LIST_MAX).stream()
                                .map(row -> sale(tx, row, exchange.now()))
                                .toList()));
    }

    private static Sales.Sale sale(Transaction tx, LeaseTable.Row row, Instant now) {
        AccountId buyer = tx.orders().find(row.order()).orElseThrow().account();
        return new Sales.Sale(
                row.id(),
                row.seller(),
                row.sellerName(),
                buyer,
                thousandths(Opinions.rating(tx.ratings().ofBuyer(buyer), now)),
                row.status().state(),
                row.status().state().isLive()
                        ? ""
                        : row.status().reason().map(EndReason::name).orElse(""),
                row.status().ran() ? row.meter().billedSeconds() : 0,
                row.traffic().view(),
                row.paid(),
                row.created());
    }

    /// What buyers say of a computer, in thousandths.
    static int ofSeller(Transaction tx, SellerId seller, Instant now) {
        return thousandths(Opinions.rating(tx.ratings().ofSeller(seller), now));
    }

    private static int thousandths(double rating) {
        return (int) Math.floor(rating * THOUSAND);
    }
}
