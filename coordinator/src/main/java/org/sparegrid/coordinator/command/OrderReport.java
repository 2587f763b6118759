// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.OrderTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.Placement;

/// An order as the operator sees it: no key of the buyer's is in it.
///
/// @param where what the machines must be besides their size, or empty
/// @param costMax the buyer's limit; the largest amount is none
/// @param held what is held for it now
/// @param charged what sellers were paid so far
/// @param toBeEnded whether the operator wants it ended and that is not done yet
record OrderReport(
        String order,
        String buyer,
        String buyerEmail,
        String state,
        String reason,
        Instant created,
        String network,
        String networkId,
        String subnet,
        String image,
        int machines,
        MachineSize size,
        Credits pricePerHourMax,
        long secondsMax,
        String where,
        Placement placement,
        Credits costMax,
        Credits held,
        Credits charged,
        boolean toBeEnded,
        List<Machine> leases) {
    private static final int DECIMALS = 9;

    /// A machine, also one that was replaced.
    record Machine(
            String lease,
            String name,
            String state,
            String seller,
            String sellerName,
            Credits pricePerHour,
            long runSeconds,
            Credits charged,
            String ended,
            String detail) {}

    static OrderReport of(Transaction tx, OrderTable.Row row) {
        OrderSpec spec = row.spec();
        List<LeaseTable.Row> leases = tx.leases().ofOrder(row.id());
        return new OrderReport(
                row.id().value(),
                row.account().value(),
                LeaseReport.email(tx, row.account()),
                row.state().name(),
                row.reason(),
                row.created(),
                spec.name(),
                row.network().value(),
                tx.networks().find(row.network()).orElseThrow().subnet().toString(),
                spec.image().value(),
                spec.machines(),
                spec.size(),
                spec.pricePerHourMax(),
                spec.secondsMax(),
                spec.where().toString(),
                spec.placement(),
                row.costMax(),
                tx.ledger().balance(Book.escrow(row.id(), row.account())),
                leases.stream().map(LeaseTable.Row::charged).reduce(Credits.ZERO, Credits::plus),
                tx.stops().isAsked(row.id().value()),
                leases.stream().map(lease -> machine(row, lease)).toList());
    }

    private static Machine machine(OrderTable.Row order, LeaseTable.Row row) {
        return new Machine(
                row.id().value(),
                order.hostName(row.rank()),
                row.status().state().name(),
                row.seller().value(),
                row.sellerName(),
                row.pricePerHour(),
                row.status().ran() ? row.meter().billedSeconds() : 0,
                row.paid(),
                row.status().reason().map(EndReason::name).orElse(""),
                row.status().detail());
    }

    void print(PrintWriter out) {
        LeaseReport.line(out, "order", order + " of " + created);
        LeaseReport.line(out, "buyer", buyerEmail + " (" + buyer + ")");
        LeaseReport.line(out, "state", state + (reason.isEmpty() ? "" : ": " + reason));
        if (toBeEnded) {
            LeaseReport.line(
                    out,
                    "",
                    "the operator wants it ended; that is done while a coordinator serves");
        }
        LeaseReport.line(
                out,
                "wants",
                "%d machines of %d cpus, %d MiB memory and %d MiB disk, each for at most %s an hour"
                                .formatted(
                                        machines,
                                        size.cpus(),
                                        size.memoryMebibytes(),
                                        size.diskMebibytes(),
                                        pricePerHourMax)
                        + " and %d s".formatted(secondsMax));
        if (!where.isEmpty()) {
            LeaseReport.line(out, "where", where);
        }
        LeaseReport.line(out, "image", image);
        LeaseReport.line(out, "network", network + " (" + networkId + "), " + subnet);
        LeaseReport.line(
                out,
                "money",
                "%s paid to sellers, %s held, limit %s"
                        .formatted(
                                charged.rounded(DECIMALS),
                                held.rounded(DECIMALS),
                                costMax.equals(Credits.MAX) ? "none" : costMax.toString()));
        if (!leases.isEmpty()) {
            out.println();
            out.println(
                    "machine          name      state       price/h    seconds      charged"
                            + "  seller    why");
        }
        for (Machine machine : leases) {
            out.println(
                    "%-15s  %-8s  %-8s  %9s  %9d  %11s  %.8s  %s"
                            .formatted(
                                    machine.lease,
                                    machine.name,
                                    machine.state,
                                    machine.pricePerHour.rounded(4),
                                    machine.runSeconds,
                                    machine.charged.rounded(6),
                                    machine.seller,
                                    machine.ended.isEmpty()
                                            ? ""
                                            : machine.ended
                                                    + (machine.detail.isEmpty()
                                                            ? ""
                                                            : ": " + machine.detail))
                            .stripTrailing());
        }
    }
}
