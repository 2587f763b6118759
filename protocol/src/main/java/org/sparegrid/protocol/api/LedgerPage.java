// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import java.time.Instant;
import java.util.List;
import org.sparegrid.protocol.Credits;

/// A part of an account's ledger, newest first.
///
/// @param entries the part
/// @param next what to send as `before` for the next part, or 0 at the end
public record LedgerPage(List<Entry> entries, long next) {
    public LedgerPage {
        entries = List.copyOf(entries);
    }

    /// One half of a transfer, as it touches one of the account's balances.
    ///
    /// @param number its place in the whole ledger
    /// @param at when it was booked
    /// @param book which of the account's balances: `wallet`, `escrow` or `earnings`
    /// @param kind what for, such as `deposit`, `commission`, `hold`, `settle`, `release`
    /// @param reference the order, lease or deposit it belongs to
    /// @param amount what came in, or went out if negative
    /// @param balance the balance after it
    public record Entry(
            long number,
            Instant at,
            String book,
            String kind,
            String reference,
            Credits amount,
            Credits balance) {}
}
