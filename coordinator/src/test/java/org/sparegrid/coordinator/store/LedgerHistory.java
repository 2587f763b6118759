// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.ledger.Transfer;
import org.sparegrid.coordinator.ledger.Transfers;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.Identifier;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.OrderId;

/// A random but repeatable history of what one of several buyers does with his money. It depends on
/// his own operations alone, so buyers can act at once. It is made up while it is read, as a long
/// one would not fit into memory.
final class LedgerHistory {
    static final int BUYERS = 8;

    private final Random random;
    private final int buyer;
    private final Map<String, Long> balances = new HashMap<>();
    private int drawn;

    LedgerHistory(long seed, int buyer) {
        this.random = new Random(seed + buyer);
        this.buyer = buyer;
    }

    /// What the buyer does next: the transfers are booked together or not at all.
    List<Transfer> next() {
        while (true) {
            List<Transfer> made = operation(drawn++);
            if (!made.isEmpty()) {
                made.forEach(this::book);
                return made;
            }
        }
    }

    /// By how much every book that was touched so far has changed.
    Map<String, Long> balances() {
        return Map.copyOf(balances);
    }

    private List<Transfer> operation(int i) {
        AccountId account = new AccountId(AccountId.PREFIX + text(buyer));
        AccountId seller = new AccountId(AccountId.PREFIX + text(100 + random.nextInt(3)));
        OrderId order = new OrderId(OrderId.PREFIX + text(buyer));
        LeaseId lease = new LeaseId(LeaseId.PREFIX + text(buyer));
        long wallet = balances.getOrDefault(Book.wallet(account).id(), 0L);
        long escrow = balances.getOrDefault(Book.escrow(order, account).id(), 0L);
        return switch (random.nextInt(3)) {
            case 0 -> {
                Credits amount = new Credits(1 + random.nextInt(1_000_000_000));
                DepositId deposit = new DepositId(DepositId.PREFIX + text(buyer * 1_000_000 + i));
                yield Transfers.deposit(deposit, account, amount, amount.basisPoints(1000));
            }
            case 1 ->
                    Transfers.hold(order, account, order + ":" + i, part(wallet)).stream().toList();
            default ->
                    Transfers.settle(lease, i, order, account, seller, part(escrow)).stream()
                            .toList();
        };
    }

    private void book(Transfer transfer) {
        long amount = transfer.amount().nanos();
        balances.merge(transfer.from().id(), -amount, Long::sum);
        balances.merge(transfer.to().id(), amount, Long::sum);
    }

    private Credits part(long most) {
        return new Credits(most == 0 ? 0 : random.nextLong(most + 1));
    }

    private static String text(int number) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Identifier.RANDOM_CHARACTERS; i++) {
            text.append(Identifier.ALPHABET.charAt(i < 6 ? number >> 5 * i & 31 : 0));
        }
        return text.toString();
    }
}
