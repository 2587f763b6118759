// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Instant;
import org.sparegrid.coordinator.ledger.Transfer;
import org.sparegrid.coordinator.ledger.Transfers;
import org.sparegrid.coordinator.operation.Caller;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.store.OrderTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.Credits;

/// Moves the money of orders between wallet and escrow and keeps count of what was spent by the API
/// key that placed an order, in the same transaction.
final class Spending {
    private Spending() {}

    /// Refuses what is more than the caller's key may still spend; a person may spend it all.
    static void require(Transaction tx, Caller.Holder payer, Credits amount) {
        if (payer instanceof Caller.Program program) {
            Credits left = tx.keys().left(program.key());
            if (amount.compareTo(left) > 0) {
                throw new RefusedException(
                        Reason.COST_CAP,
                        "%s is to be spent, the key %s may spend %s more; make a key for more"
                                .formatted(amount, program.key(), left));
            }
        }
    }

    /// Notes what left the account at once, as a gift does.
    static void note(Transaction tx, Caller.Holder payer, Credits amount) {
        if (payer instanceof Caller.Program program) {
            tx.keys().spend(program.key(), amount);
        }
    }

    /// Whether the key that placed the order, if one did, may spend so much more.
    static boolean allows(Transaction tx, OrderTable.Row order, Credits more) {
        return tx.keys().left(order.id()).filter(left -> left.compareTo(more) < 0).isEmpty();
    }

    /// Holds money for an order; `cause` names the event that called for it.
    static void hold(
            Transaction tx, OrderTable.Row order, String cause, Credits amount, Instant now) {
        Transfers.hold(order.id(), order.account(), cause, amount)
                .filter(transfer -> tx.ledger().post(transfer, now))
                .ifPresent(transfer -> tx.keys().spend(order.id(), transfer.amount()));
    }

    /// Gives back what is left of an order's money.
    static void release(Transaction tx, OrderTable.Row order, Credits rest, Instant now) {
        Transfers.release(order.id(), order.account(), rest)
                .filter(transfer -> tx.ledger().post(transfer, now))
                .map(Transfer::amount)
                .ifPresent(amount -> tx.keys().spend(order.id(), Credits.ZERO.minus(amount)));
    }
}
