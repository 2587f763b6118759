// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.util.ArrayList;
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

/// A random but repeatable history of what several buyers do with their money, and what all books
/// must hold after it. Each buyer's operations depend on his own alone, so buyers can act at once.
final class LedgerHistory {
    static final int BUYERS = 8;

    private final List<List<List<Transfer>>> operations = new ArrayList<>();
    private final Map<String, Long> balances = new HashMap<>();

    LedgerHistory(long seed, int operationsPerBuyer) {
        for (int buyer = 0; buyer < BUYERS; buyer++) {
            operations.add(history(new Random(seed + buyer), buyer, operationsPerBuyer));
        }
    }

    /// What a buyer does: each operation's transfers are booked together or not at all.
    List<List<Transfer>> of(int buyer) {
        return operations.get(buyer);
    }

    /// What every book that was touched holds in the end.
    Map<String, Long> balances() {
        return Map.copyOf(balances);
    }

    /// How many transfers there are.
    long transfers() {
        return operations.stream().flatMap(List::stream).mapToLong(List::size).sum();
    }

    private List<List<Transfer>> history(Random random, int buyer, int count) {
        List<List<Transfer>> history = new ArrayList<>();
        for (int i = 0; history.size() < count; i++) {
            List<Transfer> made = operation(random, buyer, i);
            if (!made.isEmpty()) {
                made.forEach(this::book);
                history.add(made);
            }
        }
        return history;
    }

    private List<Transfer> operation(Random random, int buyer, int i) {
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
                    Transfers.hold(order, account, order + ":" + i, part(random, wallet)).stream()
                            .toList();
            default ->
                    Transfers.settle(lease, i, order, account, seller, part(random, escrow))
                            .stream()
                            .toList();
        };
    }

    private void book(Transfer transfer) {
        long amount = transfer.amount().nanos();
        balances.merge(transfer.from().id(), -amount, Long::sum);
        balances.merge(transfer.to().id(), amount, Long::sum);
    }

    private static Credits part(Random random, long most) {
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
