// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.sparegrid.coordinator.market.Constraint;
import org.sparegrid.coordinator.market.Constraints;
import org.sparegrid.coordinator.market.Knowledge;
import org.sparegrid.coordinator.market.Match;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.OrderTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.market.Attribute;

/// A machine for one that did not come up.
final class Substitute {
    private Substitute() {}

    /// Takes it, if there is one.
    ///
    /// @param all leases of the order
    /// @param except sellers that failed before
    /// @param beside the sellers of the order's other machines
    static Match take(
            Exchange exchange,
            Transaction tx,
            OrderTable.Row order,
            LeaseTable.Row failed,
            List<LeaseTable.Row> all,
            Set<SellerId> except,
            List<SellerId> beside,
            Instant now) {
        Access access =
                Access.of(tx, order.account())
                        .reaching(
                                Reach.of(
                                        exchange.settings(),
                                        order.spec().placement(),
                                        failed.secondsMax(),
                                        now));
        Demand demand = access.limit(Wishes.demand(order.spec(), 1, now));
        if (order.spec().placement().reliability() > 0) {
            List<LeaseTable.Row> replicas =
                    all.stream()
                            .filter(row -> order.node(row.rank()) == order.node(failed.rank()))
                            .filter(row -> row.status().state().isLive())
                            .toList();
            demand = noDearer(demand, failed).and(asGood(tx, failed, replicas));
        }
        return exchange.asks().takeAnother(order.id(), demand, access.without(except), beside);
    }

    /// For no more than the failed machine, with the fees of both.
    private static Demand noDearer(Demand demand, LeaseTable.Row failed) {
        long price =
                Demand.pricePerHour(
                        failed.pricePerHour().nanos(),
                        failed.traffic().feePerGigabyte().nanos(),
                        demand.megabytesPerHour());
        return new Demand(
                demand.machines(),
                demand.constraints(),
                new Credits(Math.min(price, demand.pricePerHourMax().nanos())),
                demand.megabytesPerHour(),
                demand.diversity());
    }

    /// What a machine must be that takes the place of one of a node: of another owner and as
    /// reliable.
    private static Constraints asGood(
            Transaction tx, LeaseTable.Row failed, List<LeaseTable.Row> replicas) {
        List<Constraint> wanted = new ArrayList<>();
        int nines = Knowledge.nines(tx.sellerDays().interruptions(failed.seller(), Instant.EPOCH));
        wanted.add(Constraint.Range.atLeast(Attribute.RELIABILITY, nines));
        Set<String> owners =
                replicas.stream()
                        .map(row -> tx.sellers().owner(row.seller()).orElseThrow().value())
                        .collect(Collectors.toSet());
        if (!owners.isEmpty()) {
            wanted.add(new Constraint.NoneOf(Attribute.OWNER, owners));
        }
        return new Constraints(wanted);
    }
}
