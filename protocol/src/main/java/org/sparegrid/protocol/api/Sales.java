// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import java.time.Instant;
import java.util.List;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.market.LeaseState;
import org.sparegrid.protocol.market.LeaseTraffic;

/// The last leases of an account's computers, newest first.
///
/// @param sales the leases
public record Sales(List<Sale> sales) {
    public Sales {
        sales = List.copyOf(sales);
    }

    /// A lease, as its seller sees it.
    ///
    /// @param lease the lease
    /// @param seller the computer
    /// @param sellerName its name for people
    /// @param buyer whose machine it is
    /// @param buyerRating what sellers say of the buyer, in thousandths
    /// @param state where it stands
    /// @param ended why it ended, or empty while it lives
    /// @param billedSeconds what is billed
    /// @param traffic what it sent and received, and what was earned by that
    /// @param earned what was settled so far, with the fee for traffic
    /// @param created when it began
    public record Sale(
            LeaseId lease,
            SellerId seller,
            String sellerName,
            AccountId buyer,
            int buyerRating,
            LeaseState state,
            String ended,
            long billedSeconds,
            LeaseTraffic traffic,
            Credits earned,
            Instant created) {}
}
