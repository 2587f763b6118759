// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.OrderTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.LeaseEvent;
import org.sparegrid.protocol.market.LeaseTraffic;
import org.sparegrid.protocol.market.Usage;

/// A machine as its operator sees it: no key of the buyer's is in it.
///
/// @param name its host name on its network
/// @param ended why it ends or ended, or empty
/// @param detail that in one sentence, or empty
/// @param runSeconds for which it is billed so far
/// @param paidSeconds for which the seller was paid so far
/// @param disputed whether its buyer says that it was not worth its money
/// @param toBeEnded whether the operator wants it ended and that is not done yet
record LeaseReport(
        String lease,
        String order,
        String network,
        String name,
        String buyer,
        String buyerEmail,
        String seller,
        String sellerName,
        String owner,
        String ownerEmail,
        String slot,
        String acceleration,
        String state,
        String phase,
        Instant since,
        String ended,
        String detail,
        Credits pricePerHour,
        long secondsMax,
        long runSeconds,
        long paidSeconds,
        Instant paidAt,
        Credits charged,
        boolean disputed,
        boolean toBeEnded,
        Usage usage,
        LeaseTraffic traffic,
        Instant created,
        List<LeaseEvent> events) {
    private static final int DECIMALS = 9;
    private static final long MEBIBYTE = 1 << 20;

    static LeaseReport of(Transaction tx, LeaseTable.Row row) {
        OrderTable.Row order = tx.orders().find(row.order()).orElseThrow();
        AccountId owner = tx.sellers().owner(row.seller()).orElseThrow();
        return new LeaseReport(
                row.id().value(),
                row.order().value(),
                order.spec().name(),
                order.hostName(row.rank()),
                order.account().value(),
                email(tx, order.account()),
                row.seller().value(),
                row.sellerName(),
                owner.value(),
                email(tx, owner),
                row.slot().value(),
                row.acceleration().name(),
                row.status().state().name(),
                row.status().progress().phase().name(),
                row.status().since(),
                row.status().reason().map(EndReason::name).orElse(""),
                row.status().detail(),
                row.pricePerHour(),
                row.secondsMax(),
                row.status().ran() ? row.meter().billedSeconds() : 0,
                row.settledSeconds(),
                row.settledAt(),
                row.paid(),
                tx.disputes().find(row.id()).isPresent(),
                tx.stops().isAsked(row.id().value()) || tx.stops().isAsked(row.order().value()),
                row.meter().usage(),
                row.traffic().view(),
                row.created(),
                tx.leases().events(row.id()));
    }

    static String email(Transaction tx, AccountId account) {
        return tx.accounts().find(account).orElseThrow().email();
    }

    void print(PrintWriter out) {
        line(out, "machine", lease + ", " + name + " of the order " + order + " (" + network + ")");
        line(out, "buyer", buyerEmail + " (" + buyer + ")");
        line(out, "seller", seller + " (" + sellerName + "), slot " + slot);
        line(out, "owner", ownerEmail + " (" + owner + ")");
        line(out, "state", state + " since " + since + ", last phase " + phase);
        if (!ended.isEmpty()) {
            line(out, "ended", ended + (detail.isEmpty() ? "" : ": " + detail));
        }
        if (toBeEnded) {
            line(out, "", "the operator wants it ended; that is done while a coordinator serves");
        }
        line(out, "price", pricePerHour + " an hour, for at most " + secondsMax + " s");
        line(
                out,
                "billed",
                "%s for %d of %d s, last at %s%s"
                        .formatted(
                                charged.rounded(DECIMALS),
                                paidSeconds,
                                runSeconds,
                                paidAt,
                                disputed ? "; its buyer disputes it" : ""));
        if (traffic.savedBytes() > 0) {
            line(
                    out,
                    "open port",
                    "saved relays "
                            + traffic.savedBytes()
                            + " bytes, for a bonus of "
                            + traffic.bonus().rounded(DECIMALS));
        }
        if (traffic.isCharged()) {
            line(
                    out,
                    "traffic",
                    "of that %s for %d bytes that both ends counted, of %d and at most %d MB, at %s a GB"
                            .formatted(
                                    traffic.charged().rounded(DECIMALS),
                                    traffic.agreedBytes(),
                                    traffic.countedBytes(),
                                    traffic.megabytesMax(),
                                    traffic.feePerGigabyte()));
        }
        line(
                out,
                "meter",
                "%d s of time, %d s of processors, %d MiB received, %d MiB sent"
                        .formatted(
                                usage.runMillis() / 1000,
                                usage.cpuNanos() / 1_000_000_000,
                                usage.receivedBytes() / MEBIBYTE,
                                usage.sentBytes() / MEBIBYTE));
        out.println();
        for (LeaseEvent event : events) {
            out.println(
                    "%-24s  %-8s  %s"
                            .formatted(event.at(), event.state(), event.detail())
                            .stripTrailing());
        }
    }

    static void line(PrintWriter out, String what, String value) {
        out.println("%-8s %s".formatted(what, value));
    }
}
