// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;
import org.sparegrid.coordinator.market.formula.Interruptions;
import org.sparegrid.coordinator.market.formula.Opinions.Opinion;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.SellerId;

/// A seller's computer as its operator sees it.
///
/// @param suspended why it is off the market, or empty
/// @param frozen why its owner's account is shut out, or empty
/// @param machineHours that machines ran on it and ended
/// @param interruptions how often one was lost there
/// @param ratingsGood of buyers whose machines ran there
record SellerReport(
        String seller,
        String owner,
        String ownerEmail,
        String suspended,
        String frozen,
        double machineHours,
        long interruptions,
        long ratingsGood,
        long ratingsBad,
        List<Machine> live) {
    /// What runs there.
    record Machine(
            String lease,
            String order,
            String state,
            Instant created,
            Credits pricePerHour,
            Credits charged) {}

    static SellerReport of(Transaction tx, SellerId seller) {
        AccountId owner = tx.sellers().owner(seller).orElseThrow();
        Interruptions known = tx.sellerDays().interruptions(seller, Instant.EPOCH);
        List<Opinion> opinions = tx.ratings().ofSeller(seller);
        long good = opinions.stream().filter(Opinion::good).count();
        return new SellerReport(
                seller.value(),
                owner.value(),
                LeaseReport.email(tx, owner),
                tx.suspensions().all().getOrDefault(seller, ""),
                tx.frozen().reason(owner).orElse(""),
                known.hours(),
                known.count(),
                good,
                opinions.size() - good,
                tx.leases().liveOf(seller).stream().map(SellerReport::machine).toList());
    }

    private static Machine machine(LeaseTable.Row row) {
        return new Machine(
                row.id().value(),
                row.order().value(),
                row.status().state().name(),
                row.created(),
                row.pricePerHour(),
                row.paid());
    }

    void print(PrintWriter out) {
        LeaseReport.line(out, "seller", seller);
        LeaseReport.line(out, "owner", ownerEmail + " (" + owner + ")");
        if (!suspended.isEmpty()) {
            LeaseReport.line(out, "state", "suspended: " + suspended);
        }
        if (!frozen.isEmpty()) {
            LeaseReport.line(out, "state", "its owner's account is frozen: " + frozen);
        }
        LeaseReport.line(
                out,
                "record",
                "machines ran for %.1f hours and were lost %d times; %d buyers say good, %d bad"
                        .formatted(machineHours, interruptions, ratingsGood, ratingsBad));
        if (live.isEmpty()) {
            LeaseReport.line(out, "runs", "nothing");
        }
        for (Machine machine : live) {
            LeaseReport.line(
                    out,
                    "runs",
                    "%s of %s, %s since %s, %s an hour, %s so far"
                            .formatted(
                                    machine.lease,
                                    machine.order,
                                    machine.state,
                                    machine.created,
                                    machine.pricePerHour,
                                    machine.charged));
        }
    }
}
