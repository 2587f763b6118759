// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.ledger;

import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.VolumeId;

/// One balance.
///
/// @param kind what it is for
/// @param id its name, unique among all books
/// @param owner the account that sees it, or empty for the operator's
public record Book(BookKind kind, String id, String owner) {
    /// What payment providers hold for us.
    public static final Book CLEARING = new Book(BookKind.PSP_CLEARING, "psp_clearing", "");

    /// What providers took back of payments and no wallet covered, as a negative balance.
    public static final Book LOSSES = new Book(BookKind.PSP_CLEARING, "psp_losses", "");

    /// The operator's commission.
    public static final Book COMMISSION =
            new Book(BookKind.REVENUE_COMMISSION, "revenue_commission", "");

    /// Payouts under way.
    public static final Book PAYOUTS = new Book(BookKind.PAYOUT_CLEARING, "payout_clearing", "");

    /// Disputed money.
    public static final Book DISPUTES = new Book(BookKind.DISPUTE_RESERVE, "dispute_reserve", "");

    /// What the account can spend.
    public static Book wallet(AccountId account) {
        return new Book(BookKind.WALLET, "wallet:" + account, account.value());
    }

    /// What the account earned.
    public static Book earnings(AccountId account) {
        return new Book(BookKind.EARNINGS, "earnings:" + account, account.value());
    }

    /// What is held for the account's volume.
    public static Book escrow(VolumeId volume, AccountId buyer) {
        return new Book(BookKind.ESCROW, "escrow:" + volume, buyer.value());
    }

    /// What is held for the account's order.
    public static Book escrow(OrderId order, AccountId buyer) {
        return new Book(BookKind.ESCROW, "escrow:" + order, buyer.value());
    }
}
