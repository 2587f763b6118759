// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.ledger;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.sparegrid.protocol.Credits;

/// Moves an amount from one book to another, once and for good.
///
/// What it is for makes its identifier, so the database's primary key books it at most once.
///
/// @param kind what for, as `settle`
/// @param key which event of that kind, as `vm-…:120`
/// @param reference the order, lease, volume or deposit that it belongs to
/// @param from the book that is debited
/// @param to the book that is credited
/// @param amount more than nothing
public record Transfer(
        Kind kind, String key, String reference, Book from, Book to, Credits amount) {
    private static final int ID_BYTES = 16;

    /// What transfers are for.
    public enum Kind {
        /// A payment came in.
        DEPOSIT,
        /// The operator's part of it.
        COMMISSION,
        /// Held for an order or a volume.
        HOLD,
        /// Paid to a seller.
        SETTLE,
        /// Paid to a seller for a machine's traffic.
        CARRY,
        /// The operator's, to a seller whose open port saved relay bytes.
        BONUS,
        /// Paid to a seller who was bound to an order that its buyer went back on.
        CANCEL,
        /// The pool's part of what a seller was paid.
        ROYALTY,
        /// The rest of what was held.
        RELEASE,
        /// From one wallet to another.
        GIFT,
        /// What was earned, to be spent.
        KEEP,
        /// Set aside to be paid out.
        PAYOUT,
        /// Paid out.
        PAID,
        /// What couldn't be paid out.
        RETURNED,
        /// Set aside until a dispute is decided.
        DISPUTE,
        /// The buyer's part of what was disputed.
        REFUND,
        /// The seller's part of it.
        CLEARED,
        /// A payment went back to who had paid it: what the wallet covered of it.
        REVERSED,
        /// The commission of what went back.
        WAIVED,
        /// What of that the commission account no longer held.
        REPLENISHED,
        /// What went back and the wallet no longer held.
        UNCOVERED,
        /// What had gone back came again, and is in the wallet.
        REINSTATED,
        /// The commission of what came again.
        REGAINED,
        /// What had gone back uncovered came again.
        RECOVERED,
        /// The operator corrected the books.
        ADJUST
    }

    public Transfer {
        if (amount.nanos() <= 0) {
            throw new IllegalArgumentException(
                    "transfer: expected an amount above 0, got " + amount);
        }
        if (from.id().equals(to.id())) {
            throw new IllegalArgumentException("transfer: expected two books, got " + from.id());
        }
    }

    /// 128 bits in hexadecimal: the first half of SHA-256 over kind and key.
    public String id() {
        return id(kind, key);
    }

    /// The identifier of the one transfer of that kind and key.
    public static String id(Kind kind, String key) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest((kind + "\n" + key).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, ID_BYTES);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("this Java has no SHA-256", impossible);
        }
    }
}
