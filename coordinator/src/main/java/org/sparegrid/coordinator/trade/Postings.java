// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.ledger.Transfer;
import org.sparegrid.coordinator.ledger.Transfers;
import org.sparegrid.coordinator.payment.Standing;
import org.sparegrid.coordinator.store.DepositTable;
import org.sparegrid.coordinator.store.DepositTable.Gone;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.api.Deposit;

/// Books how payments stand with their providers.
///
/// What a provider says is taken as a whole, and amounts only ever grow: told twice, late or in
/// another order it comes to the same books.
final class Postings {
    private static final System.Logger LOGGER = System.getLogger(Postings.class.getName());

    private Postings() {}

    /// Brings a payment to where its provider says it stands.
    static void apply(Transaction tx, DepositTable.Row row, Standing standing, Instant now) {
        Deposit deposit = row.deposit();
        switch (standing.stage()) {
            case OPEN -> {}
            case CONFIRMED -> {
                if (deposit.state().isOpen()) {
                    tx.deposits().setState(deposit.id(), Deposit.State.CONFIRMED);
                }
            }
            case FAILED -> {
                if (deposit.state().isOpen()) {
                    tx.deposits().setState(deposit.id(), Deposit.State.FAILED);
                }
            }
            case PAID -> paid(tx, row, standing, now);
        }
    }

    private static void paid(Transaction tx, DepositTable.Row row, Standing standing, Instant now) {
        Deposit deposit = row.deposit();
        if (!standing.paid().equals(deposit.amount())) {
            LOGGER.log(
                    System.Logger.Level.ERROR,
                    () ->
                            "payment differs deposit=%s asked=%s paid=%s"
                                    .formatted(deposit.id(), deposit.amount(), standing.paid()));
            return;
        }
        if (!deposit.state().isPaid()) {
            Transfers.deposit(deposit.id(), row.account(), deposit.amount(), deposit.commission())
                    .forEach(transfer -> tx.ledger().post(transfer, now));
            tx.deposits().setState(deposit.id(), Deposit.State.POSTED);
        }
        move(tx, row, standing, now);
    }

    /// Books what went back and came again since we looked last.
    private static void move(Transaction tx, DepositTable.Row row, Standing standing, Instant now) {
        Gone gone = takeBack(tx, row, row.gone(), refunded(row.gone(), standing), now);
        Gone disputed =
                new Gone(
                        gone.refunded(),
                        larger(gone.disputed(), standing.disputed()),
                        gone.reinstated(),
                        gone.lost());
        boolean isNew = disputed.disputed().compareTo(gone.disputed()) > 0;
        gone = takeBack(tx, row, gone, disputed, now);
        gone = giveBack(tx, row, gone, standing, now);
        if (gone.equals(row.gone())) {
            return;
        }
        tx.deposits().setGone(row.deposit().id(), gone);
        tx.deposits().setState(row.deposit().id(), state(row.deposit(), gone));
        if (isNew && gone.disputed().compareTo(gone.reinstated()) > 0) {
            freeze(tx, row, now);
        }
    }

    private static Gone refunded(Gone gone, Standing standing) {
        return new Gone(
                larger(gone.refunded(), standing.refunded()),
                gone.disputed(),
                gone.reinstated(),
                gone.lost());
    }

    /// Whoever has his bank take money back may not go on trading with it.
    private static void freeze(Transaction tx, DepositTable.Row row, Instant now) {
        String deposit = row.deposit().id().value();
        tx.frozen().put(row.account(), "the payment " + deposit + " was charged back", now);
        tx.audit().add("payments", "account-frozen", row.account().value(), deposit, now);
        LOGGER.log(
                System.Logger.Level.WARNING,
                () -> "payment charged back deposit=" + deposit + " buyer=" + row.account());
    }

    /// Books that more is gone, and gives that back with the loss that it makes.
    static Gone takeBack(
            Transaction tx, DepositTable.Row row, Gone before, Gone after, Instant now) {
        Credits more = after.net().minus(before.net());
        if (more.nanos() == 0) {
            return after;
        }
        Credits commission = share(row, after.net()).minus(share(row, before.net()));
        String key = "gone:" + after.refunded() + ":" + after.disputed();
        Credits there = tx.ledger().balance(Book.COMMISSION);
        if (there.compareTo(commission) < 0) {
            Transfers.replenish(row.deposit().id(), key, commission.minus(there))
                    .ifPresent(transfer -> tx.ledger().post(transfer, now));
        }
        List<Transfer> transfers =
                Transfers.takeBack(
                        row.deposit().id(),
                        row.account(),
                        key,
                        more,
                        commission,
                        tx.ledger().balance(Book.wallet(row.account())));
        transfers.forEach(transfer -> tx.ledger().post(transfer, now));
        return new Gone(
                after.refunded(),
                after.disputed(),
                after.reinstated(),
                after.lost().plus(amount(transfers, Transfer.Kind.UNCOVERED)));
    }

    private static Gone giveBack(
            Transaction tx, DepositTable.Row row, Gone before, Standing standing, Instant now) {
        Credits told =
                standing.reinstated().compareTo(before.disputed()) < 0
                        ? standing.reinstated()
                        : before.disputed();
        Credits more = larger(before.reinstated(), told).minus(before.reinstated());
        if (more.nanos() == 0) {
            return before;
        }
        Gone after = new Gone(before.refunded(), before.disputed(), told, before.lost());
        Credits commission = share(row, before.net()).minus(share(row, after.net()));
        List<Transfer> transfers =
                Transfers.giveBack(
                        row.deposit().id(),
                        row.account(),
                        "again:" + told,
                        more,
                        commission,
                        before.lost());
        transfers.forEach(transfer -> tx.ledger().post(transfer, now));
        return new Gone(
                after.refunded(),
                after.disputed(),
                after.reinstated(),
                after.lost().minus(amount(transfers, Transfer.Kind.RECOVERED)));
    }

    /// What the operator has of an account's payments: the commission, less what went back of it.
    static Credits commission(Transaction tx, AccountId account) {
        return tx.deposits().paidBy(account).stream()
                .map(row -> row.deposit().commission().minus(share(row, row.gone().net())))
                .reduce(Credits.ZERO, Credits::plus);
    }

    private static Credits amount(List<Transfer> transfers, Transfer.Kind kind) {
        return transfers.stream()
                .filter(transfer -> transfer.kind() == kind)
                .map(Transfer::amount)
                .reduce(Credits.ZERO, Credits::plus);
    }

    /// The commission's share of what is gone, rounded down; never more than the commission.
    private static Credits share(DepositTable.Row row, Credits gone) {
        long amount = row.deposit().amount().nanos();
        return new Credits(
                BigInteger.valueOf(row.deposit().commission().nanos())
                        .multiply(BigInteger.valueOf(Math.min(gone.nanos(), amount)))
                        .divide(BigInteger.valueOf(amount))
                        .longValueExact());
    }

    private static Deposit.State state(Deposit deposit, Gone gone) {
        if (gone.disputed().compareTo(gone.reinstated()) > 0) {
            return Deposit.State.CHARGEBACK;
        }
        return gone.refunded().compareTo(deposit.amount()) >= 0
                ? Deposit.State.REFUNDED
                : Deposit.State.POSTED;
    }

    private static Credits larger(Credits one, Credits other) {
        return one.compareTo(other) > 0 ? one : other;
    }
}
