// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Duration;
import java.util.List;
import org.sparegrid.coordinator.introduction.AddressPlan;
import org.sparegrid.coordinator.market.formula.PriceCurve;
import org.sparegrid.protocol.market.NetworkRelay;

/// What the operator decides about the market.
///
/// @param address the coordinator's https address, for join tokens
/// @param commissionBasisPoints the operator's part of each deposit
/// @param settleInterval how often running machines are billed
/// @param offerTimeout how long an agent may think about a lease
/// @param bootTimeout how long a machine's start may take
/// @param lostAfter how long the agent of a running machine may be silent
/// @param interruptionNotice how long before its end the buyer of a displaced machine is told
/// @param networks where networks get their subnets
/// @param invoiceIssuer name and address of the operator on invoices; empty if there are none
/// @param royalty the pool's part of what sellers are paid
/// @param bonus what sellers get for open ports
/// @param imageQuotaBytes how much of the images' disk an account may take; 0 for any amount
/// @param reference the constants of the reference price, or none
/// @param relays what members of networks are told to use until they reach each other
public record MarketSettings(
        String address,
        int commissionBasisPoints,
        Duration settleInterval,
        Duration offerTimeout,
        Duration bootTimeout,
        Duration lostAfter,
        Duration interruptionNotice,
        AddressPlan.Range networks,
        List<String> invoiceIssuer,
        Royalty royalty,
        OpenPortBonus bonus,
        long imageQuotaBytes,
        PriceCurve reference,
        List<NetworkRelay> relays) {
    /// How long the agent of a starting machine may be silent before another slot is tried.
    private static final Duration LOST_STARTING = Duration.ofMinutes(2);

    public MarketSettings {
        invoiceIssuer = List.copyOf(invoiceIssuer);
        relays = List.copyOf(relays);
    }

    /// How many slots are tried for one machine.
    int startTries() {
        return 3;
    }

    Duration lostAfterStarting() {
        return lostAfter.compareTo(LOST_STARTING) < 0 ? lostAfter : LOST_STARTING;
    }
}
