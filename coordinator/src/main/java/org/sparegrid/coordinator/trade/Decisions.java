// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Instant;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.ledger.Transfers;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.store.DisputeTable;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.OrderTable;
import org.sparegrid.coordinator.store.PayoutTable;
import org.sparegrid.coordinator.store.StopTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.AdjustmentId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.PayoutId;
import org.sparegrid.protocol.api.Dispute;
import org.sparegrid.protocol.api.Payout;
import org.sparegrid.protocol.market.LeaseState;
import org.sparegrid.protocol.market.OrderState;

/// What the operator decides about money and machines, with a program of its own.
public final class Decisions {
    private Decisions() {}

    /// The operator paid a payout, or could not.
    ///
    /// @param operator who decides, for the audit log
    /// @return whether it was pending
    public static boolean close(
            Transaction tx, String operator, PayoutId id, boolean paid, Instant now) {
        PayoutTable.Row row =
                tx.payouts().find(id).orElseThrow(() -> RefusedException.notFound("payout " + id));
        if (row.payout().state() != Payout.State.PENDING) {
            return false;
        }
        if (!row.provider().isEmpty()) {
            throw new RefusedException(
                    Reason.CONFLICT,
                    "%s was told to pay %s and may have done so; run payout send %s again"
                            .formatted(row.provider(), id, id));
        }
        return end(tx, operator, row, paid, now);
    }

    /// Books what became of a pending payout.
    static boolean end(
            Transaction tx, String operator, PayoutTable.Row row, boolean paid, Instant now) {
        PayoutId id = row.payout().id();
        tx.ledger()
                .post(Transfers.closePayout(id, row.account(), row.payout().amount(), paid), now);
        tx.payouts().setState(id, paid ? Payout.State.PAID : Payout.State.FAILED);
        tx.audit()
                .add(
                        operator,
                        paid ? "payout-paid" : "payout-failed",
                        id.value(),
                        row.payout().amount().toString(),
                        now);
        return true;
    }

    /// The operator decides a dispute: a share of what is set aside goes back to the buyer, the
    /// rest to the seller.
    ///
    /// @param operator who decides, for the audit log
    /// @param basisPoints the buyer's share in hundredths of a percent
    /// @return what the buyer gets
    public static Credits resolve(
            Transaction tx, String operator, LeaseId id, int basisPoints, Instant now) {
        DisputeTable.Row row =
                tx.disputes()
                        .find(id)
                        .orElseThrow(() -> RefusedException.notFound("dispute about " + id));
        if (row.dispute().state() != Dispute.State.OPEN) {
            throw new RefusedException(Reason.CONFLICT, "it's decided already");
        }
        Credits reserved = row.dispute().reserved();
        Credits refund = reserved.basisPoints(basisPoints);
        Transfers.award(id, row.buyer(), row.owner(), refund, reserved.minus(refund))
                .forEach(transfer -> tx.ledger().post(transfer, now));
        tx.disputes().resolve(id, refund);
        tx.audit().add(operator, "dispute-resolved", id.value(), "refund " + refund, now);
        return refund;
    }

    /// The operator corrects the books, by a transfer of its own like every other.
    ///
    /// @param operator who decides, for the audit log
    public static void adjust(
            Transaction tx,
            String operator,
            AdjustmentId id,
            Book from,
            Book to,
            Credits amount,
            String reason,
            Instant now) {
        Credits has = tx.ledger().balance(from);
        if (!from.kind().mayBeNegative() && has.compareTo(amount) < 0) {
            throw new RefusedException(
                    Reason.FUNDS,
                    "%s holds %s; %s can't be taken from it".formatted(from.id(), has, amount));
        }
        tx.ledger().post(Transfers.adjust(id, from, to, amount), now);
        tx.audit()
                .add(
                        operator,
                        "ledger-adjusted",
                        id.value(),
                        "%s from %s to %s: %s".formatted(amount, from.id(), to.id(), reason),
                        now);
    }

    /// The operator wants a machine ended; the coordinator that leads does it within a second.
    ///
    /// @param operator who decides, for the audit log
    /// @param reason why, for both sides to read
    public static void terminate(
            Transaction tx, String operator, LeaseId id, String reason, Instant now) {
        LeaseTable.Row row =
                tx.leases().find(id).orElseThrow(() -> RefusedException.unknown("machine " + id));
        LeaseState state = row.status().state();
        if (!state.isLive()) {
            throw new RefusedException(Reason.CONFLICT, id + " is over: " + row.status().detail());
        }
        if (state == LeaseState.STOPPING) {
            throw new RefusedException(
                    Reason.CONFLICT, id + " is being stopped already: " + row.status().detail());
        }
        tx.stops().put(new StopTable.Row(id.value(), reason), now);
        tx.audit().add(operator, "lease-terminated", id.value(), reason, now);
    }

    /// The operator wants an order ended, with all its machines; the coordinator that leads does it
    /// within a second.
    ///
    /// @param operator who decides, for the audit log
    /// @param reason why, for both sides to read
    public static void cancel(
            Transaction tx, String operator, OrderId id, String reason, Instant now) {
        OrderTable.Row row =
                tx.orders().find(id).orElseThrow(() -> RefusedException.unknown("order " + id));
        if (row.state() == OrderState.CLOSED || row.state() == OrderState.STOPPING) {
            throw new RefusedException(
                    Reason.CONFLICT,
                    row.state() == OrderState.CLOSED
                            ? id + " is closed already"
                            : id + " is being stopped already");
        }
        tx.stops().put(new StopTable.Row(id.value(), reason), now);
        tx.audit().add(operator, "order-cancelled", id.value(), reason, now);
    }
}
