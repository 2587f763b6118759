// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.ledger;

import java.util.Locale;

/// The kinds of balances.
///
/// A balance is what came in minus what went out. All kinds but the clearing book are never below
/// zero, and the sum over all books is always zero.
public enum BookKind {
    /// Money outside: what payment providers hold for us, and what they took back and nobody
    /// covered, as negative balances.
    PSP_CLEARING,
    /// What an account can spend.
    WALLET,
    /// What is held for one order or volume.
    ESCROW,
    /// What an account earned by selling.
    EARNINGS,
    /// What sellers asked to be paid out and the operator has not paid yet.
    PAYOUT_CLEARING,
    /// What is set aside until disputes are decided.
    DISPUTE_RESERVE,
    /// The operator's commission.
    REVENUE_COMMISSION;

    /// Whether balances of this kind may be negative.
    public boolean mayBeNegative() {
        return this == PSP_CLEARING;
    }

    /// Whether the operator may correct balances of this kind. Those of others belong to orders,
    /// payouts and disputes, which say what they must be.
    public boolean mayBeAdjusted() {
        return switch (this) {
            case PSP_CLEARING, WALLET, EARNINGS, REVENUE_COMMISSION -> true;
            case ESCROW, PAYOUT_CLEARING, DISPUTE_RESERVE -> false;
        };
    }

    /// The name in the ledger.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
