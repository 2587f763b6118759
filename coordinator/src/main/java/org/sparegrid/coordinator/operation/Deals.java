// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.operation;

import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.api.Deposit;
import org.sparegrid.protocol.api.Dispute;
import org.sparegrid.protocol.api.Gift;
import org.sparegrid.protocol.api.Invoice;
import org.sparegrid.protocol.api.Opinion;
import org.sparegrid.protocol.api.Payout;
import org.sparegrid.protocol.api.Prices;
import org.sparegrid.protocol.api.Rule;
import org.sparegrid.protocol.api.Rules;
import org.sparegrid.protocol.api.Sales;
import org.sparegrid.protocol.market.TrafficReport;

/// What people settle with each other: at which prices, whom they deal with, what they say of each
/// other, and what they do with money besides buying.
public interface Deals {
    /// What a party of a lease that ended says of the other.
    void rate(AccountId account, LeaseId lease, Opinion opinion) throws RefusedException;

    /// What ran on the account's computers.
    Sales sales(AccountId account) throws RefusedException;

    /// What machines cost in the last hours.
    Prices prices(long hours) throws RefusedException;

    /// Disks that outlive machines.
    VolumeDesk volumes();

    /// A computer of the buyer says what it exchanged on a network that is metered.
    void countTraffic(AccountId account, NetworkId network, MemberId member, TrafficReport report)
            throws RefusedException;

    /// Moves money to another wallet, or earnings to the account's own.
    void give(Caller.Holder payer, Gift gift, String idempotencyKey) throws RefusedException;

    Payout payOut(Caller.Holder payer, Payout.Request request, String idempotencyKey)
            throws RefusedException;

    Payout.Page payouts(AccountId account) throws RefusedException;

    Dispute dispute(AccountId account, LeaseId lease, Dispute.Request request)
            throws RefusedException;

    Dispute.Page disputes(AccountId account) throws RefusedException;

    /// The account's payments into its wallet.
    Deposit.Page deposits(AccountId account) throws RefusedException;

    /// The invoice of a payment that came, issued now if there is none yet.
    Invoice invoice(AccountId account, DepositId deposit, Invoice.Request request)
            throws RefusedException;

    Invoice.Page invoices(AccountId account) throws RefusedException;

    /// Whom the account deals with.
    Rules rules(AccountId account) throws RefusedException;

    Rules putRule(AccountId account, Rule rule) throws RefusedException;

    Rules removeRule(AccountId account, Rule.Side side, String subject) throws RefusedException;
}
