// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import java.time.Instant;
import java.util.List;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;

/// What the operator confirms in writing about a payment into a wallet; once issued it never
/// changes.
///
/// @param number counts a coordinator's invoices from 1 on, without gaps
/// @param deposit the payment
/// @param account into whose wallet it went
/// @param issued when it was issued
/// @param paid when the money came
/// @param issuer name and address of the operator, a line each
/// @param recipient name and address of the payer, a line each
/// @param amount what was paid
/// @param commission the operator's part of it
/// @param credited what reached the wallet
public record Invoice(
        long number,
        DepositId deposit,
        AccountId account,
        Instant issued,
        Instant paid,
        List<String> issuer,
        List<String> recipient,
        Credits amount,
        Credits commission,
        Credits credited) {
    /// The most lines of a name and address.
    public static final int LINES_MAX = 8;

    private static final String LINE = "[^\\p{Cntrl}\\p{Zl}\\p{Zp}]{1,80}";

    public Invoice {
        issuer = List.copyOf(issuer);
        recipient = List.copyOf(recipient);
    }

    /// Whether a text can be a line of a name and address.
    public static boolean isLine(String text) {
        return text.matches(LINE) && !text.isBlank();
    }

    /// Asks for the invoice of a payment.
    ///
    /// @param recipient name and address of the payer: 1 to [#LINES_MAX] lines of 1 to 80
    ///   characters
    public record Request(List<String> recipient) {
        public Request {
            recipient = List.copyOf(recipient);
            if (recipient.isEmpty()
                    || recipient.size() > LINES_MAX
                    || !recipient.stream().allMatch(Invoice::isLine)) {
                throw new IllegalArgumentException(
                        "recipient: expected 1 to " + LINES_MAX + " lines of 1 to 80 characters");
            }
        }
    }

    /// An account's invoices, newest first.
    public record Page(List<Invoice> invoices) {
        public Page {
            invoices = List.copyOf(invoices);
        }
    }
}
