// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.OrderId;

/// Which transfers an event makes.
public final class Transfers {
    private Transfers() {}

    /// A payment reached us: all of it into the wallet, and the commission out of it.
    public static List<Transfer> deposit(
            DepositId deposit, AccountId account, Credits amount, Credits commission) {
        List<Transfer> transfers = new ArrayList<>();
        String key = deposit.value();
        Book wallet = Book.wallet(account);
        transfers.add(new Transfer(Transfer.Kind.DEPOSIT, key, key, Book.CLEARING, wallet, amount));
        if (commission.nanos() > 0) {
            transfers.add(
                    new Transfer(
                            Transfer.Kind.COMMISSION,
                            key,
                            key,
                            wallet,
                            Book.COMMISSION,
                            commission));
        }
        return transfers;
    }

    /// Money is held for an order; `key` names the event that called for it.
    public static Optional<Transfer> hold(
            OrderId order, AccountId buyer, String key, Credits amount) {
        return some(
                Transfer.Kind.HOLD,
                key,
                order.value(),
                Book.wallet(buyer),
                Book.escrow(order, buyer),
                amount);
    }

    /// A seller is paid for a lease's use up to `seconds`.
    public static Optional<Transfer> settle(
            LeaseId lease,
            long seconds,
            OrderId order,
            AccountId buyer,
            AccountId seller,
            Credits amount) {
        return some(
                Transfer.Kind.SETTLE,
                lease + ":" + seconds,
                lease.value(),
                Book.escrow(order, buyer),
                Book.earnings(seller),
                amount);
    }

    /// What is left of an order's money goes back.
    public static Optional<Transfer> release(OrderId order, AccountId buyer, Credits rest) {
        return some(
                Transfer.Kind.RELEASE,
                order.value(),
                order.value(),
                Book.escrow(order, buyer),
                Book.wallet(buyer),
                rest);
    }

    private static Optional<Transfer> some(
            Transfer.Kind kind, String key, String reference, Book from, Book to, Credits amount) {
        return amount.nanos() == 0
                ? Optional.empty()
                : Optional.of(new Transfer(kind, key, reference, from, to, amount));
    }
}
