// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Instant;
import org.sparegrid.coordinator.ledger.Transfers;
import org.sparegrid.coordinator.store.AccountTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.LeaseId;

/// The part of what sellers are paid for machines that goes to whoever keeps the pool: a town, a
/// campus, an office. It is taken with each payment, rounded down.
///
/// @param basisPoints the part in hundredths of a percent
/// @param email whose account gets it; nothing is taken while there is none
public record Royalty(int basisPoints, String email) {
    /// Sellers keep all.
    public static final Royalty NONE = new Royalty(0, "");

    /// Takes it of what a seller was just paid for a machine's use up to `seconds`.
    void take(
            Transaction tx,
            LeaseId lease,
            long seconds,
            AccountId seller,
            Credits paid,
            Instant now) {
        if (basisPoints == 0) {
            return;
        }
        tx.accounts()
                .findByEmail(email)
                .map(AccountTable.Row::id)
                .filter(pool -> !pool.equals(seller))
                .flatMap(pool ->
                        Transfers.royalty(
                                lease, seconds, seller, pool, paid.basisPoints(basisPoints)))
                .ifPresent(transfer -> tx.ledger().post(transfer, now));
    }
}
