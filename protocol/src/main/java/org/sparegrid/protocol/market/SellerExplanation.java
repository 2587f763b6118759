// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import java.time.Instant;
import java.util.List;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.SellerId;

/// What became of a seller's offer in the last orders, judged by the offer as it is now.
///
/// @param seller whose machine
/// @param selling whether it is on offer now; if not, there are no orders
/// @param pricePerHour what a slot costs now
/// @param reference what a machine as fast usually costs
/// @param orders the last orders of all buyers, newest first
public record SellerExplanation(
        SellerId seller,
        boolean selling,
        Credits pricePerHour,
        ReferencePrice reference,
        List<Outcome> orders) {
    public SellerExplanation {
        orders = List.copyOf(orders);
    }

    /// What became of it in one order.
    ///
    /// @param at when the order was placed
    /// @param machines how many machines were wanted
    /// @param wanted what each had to be
    /// @param result what became of the offer
    /// @param failed the terms that the offer fails
    /// @param winningPrice the highest price an hour at which the offer would have been taken with
    ///   its fee for traffic; 0 if none would have done
    /// @param winningFee if the fee was too high, the highest for a gigabyte with which the offer
    ///   would have been taken at its price; else 0
    public record Outcome(
            Instant at,
            int machines,
            Query wanted,
            Result result,
            List<Term> failed,
            Credits winningPrice,
            Credits winningFee) {
        public Outcome {
            failed = List.copyOf(failed);
        }
    }

    /// What can become of an offer.
    public enum Result {
        /// It was taken.
        TAKEN,
        /// It fails other terms than the price and the fee, or no change of one of these would do.
        EXCLUDED,
        /// It would have been taken at the winning price.
        TOO_DEAR,
        /// It would have been taken at its price with the winning fee, or also, if there is one, at
        /// the winning price.
        FEE_TOO_HIGH,
        /// Others were taken that cost nothing.
        GIVEN_AWAY,
        /// It would have been taken as it is now; then it was different, in use or not there.
        NOT_THERE
    }
}
