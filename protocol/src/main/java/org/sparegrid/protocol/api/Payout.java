// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import java.time.Instant;
import java.util.List;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.PayoutId;

/// Earnings that are paid out.
///
/// @param id the payout
/// @param amount whole hundredths
/// @param destination where to, as the account said
/// @param state where it stands
/// @param created when it was asked for
public record Payout(
        PayoutId id, Credits amount, String destination, State state, Instant created) {
    /// Where a payout stands.
    public enum State {
        /// The operator has not paid it yet.
        PENDING,
        /// The money is on its way.
        PAID,
        /// It couldn't be paid; the amount is among the earnings again.
        FAILED
    }

    /// Asks for a payout; sent with an `Idempotency-Key`.
    ///
    /// @param amount at least 0.01; what isn't whole hundredths stays
    /// @param destination where to, 1 to 100 characters, such as an IBAN
    public record Request(Credits amount, String destination) {
        public Request {
            if (!destination.matches("[\\p{L}\\p{N} .,:@/+_-]{1,100}")) {
                throw new IllegalArgumentException(
                        "destination: expected 1 to 100 letters, digits and . , : @ / + _ -");
            }
        }
    }

    /// An account's payouts, newest first.
    public record Page(List<Payout> payouts) {
        public Page {
            payouts = List.copyOf(payouts);
        }
    }
}
