// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.AdjustmentId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.PayoutId;
import org.sparegrid.protocol.VolumeId;

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

    /// A seller is paid for the first `bytes` of a lease's traffic.
    public static Optional<Transfer> carry(
            LeaseId lease,
            long bytes,
            OrderId order,
            AccountId buyer,
            AccountId seller,
            Credits amount) {
        return some(
                Transfer.Kind.CARRY,
                lease + ":" + bytes,
                lease.value(),
                Book.escrow(order, buyer),
                Book.earnings(seller),
                amount);
    }

    /// A seller gets a bonus for the first `bytes` that no relay had to forward.
    public static Optional<Transfer> bonus(
            LeaseId lease, long bytes, AccountId seller, Credits amount) {
        return some(
                Transfer.Kind.BONUS,
                lease + ":" + bytes,
                lease.value(),
                Book.COMMISSION,
                Book.earnings(seller),
                amount);
    }

    /// A seller is paid as the buyer of an order goes back on it to which a machine was bound.
    ///
    /// @param rank which of the order's machines
    public static Optional<Transfer> cancel(
            OrderId order, int rank, AccountId buyer, AccountId seller, Credits amount) {
        return some(
                Transfer.Kind.CANCEL,
                order + ":" + rank,
                order.value(),
                Book.escrow(order, buyer),
                Book.earnings(seller),
                amount);
    }

    /// The pool's part of what a seller was paid for a lease's use up to `seconds`.
    public static Optional<Transfer> royalty(
            LeaseId lease, long seconds, AccountId seller, AccountId pool, Credits amount) {
        return some(
                Transfer.Kind.ROYALTY,
                lease + ":" + seconds,
                lease.value(),
                Book.earnings(seller),
                Book.earnings(pool),
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

    /// Money is held for a volume; `number` tells this time from all others.
    public static Optional<Transfer> hold(
            VolumeId volume, AccountId buyer, long number, Credits amount) {
        return some(
                Transfer.Kind.HOLD,
                volume + ":" + number,
                volume.value(),
                Book.wallet(buyer),
                Book.escrow(volume, buyer),
                amount);
    }

    /// A seller is paid for having kept a volume for `seconds` in all.
    public static Optional<Transfer> settle(
            VolumeId volume, long seconds, AccountId buyer, AccountId seller, Credits amount) {
        return some(
                Transfer.Kind.SETTLE,
                volume + ":" + seconds,
                volume.value(),
                Book.escrow(volume, buyer),
                Book.earnings(seller),
                amount);
    }

    /// What is left of a volume's money goes back.
    public static Optional<Transfer> release(VolumeId volume, AccountId buyer, Credits rest) {
        return some(
                Transfer.Kind.RELEASE,
                volume.value(),
                volume.value(),
                Book.escrow(volume, buyer),
                Book.wallet(buyer),
                rest);
    }

    /// Money for another account, or earnings for the account's own wallet.
    ///
    /// @param key the request's, unique for the giver
    public static Transfer gift(AccountId giver, AccountId to, String key, Credits amount) {
        boolean own = giver.equals(to);
        return new Transfer(
                own ? Transfer.Kind.KEEP : Transfer.Kind.GIFT,
                giver + ":" + key,
                (own ? giver : to).value(),
                own ? Book.earnings(giver) : Book.wallet(giver),
                Book.wallet(to),
                amount);
    }

    /// Earnings are set aside to be paid out.
    public static Transfer payout(PayoutId payout, AccountId account, Credits amount) {
        return new Transfer(
                Transfer.Kind.PAYOUT,
                payout.value(),
                payout.value(),
                Book.earnings(account),
                Book.PAYOUTS,
                amount);
    }

    /// A payout was paid, or its amount goes back.
    public static Transfer closePayout(
            PayoutId payout, AccountId account, Credits amount, boolean paid) {
        return new Transfer(
                paid ? Transfer.Kind.PAID : Transfer.Kind.RETURNED,
                payout.value(),
                payout.value(),
                Book.PAYOUTS,
                paid ? Book.CLEARING : Book.earnings(account),
                amount);
    }

    /// What a seller got for a lease is set aside.
    public static Optional<Transfer> dispute(LeaseId lease, AccountId owner, Credits amount) {
        return some(
                Transfer.Kind.DISPUTE,
                lease.value(),
                lease.value(),
                Book.earnings(owner),
                Book.DISPUTES,
                amount);
    }

    /// A dispute is decided.
    public static List<Transfer> award(
            LeaseId lease, AccountId buyer, AccountId owner, Credits refund, Credits rest) {
        String key = lease.value();
        List<Transfer> transfers = new ArrayList<>();
        some(Transfer.Kind.REFUND, key, key, Book.DISPUTES, Book.wallet(buyer), refund)
                .ifPresent(transfers::add);
        some(Transfer.Kind.CLEARED, key, key, Book.DISPUTES, Book.earnings(owner), rest)
                .ifPresent(transfers::add);
        return transfers;
    }

    /// A part of a payment went back to who had paid it: its commission, what the wallet holds, and
    /// the rest as a loss of the operator.
    ///
    /// @param key which part, unique for the deposit
    /// @param commission what of the amount was the operator's
    /// @param held what the wallet holds
    public static List<Transfer> takeBack(
            DepositId deposit,
            AccountId account,
            String key,
            Credits amount,
            Credits commission,
            Credits held) {
        String name = deposit + ":" + key;
        String reference = deposit.value();
        Credits due = amount.minus(commission);
        Credits covered = held.compareTo(due) < 0 ? held : due;
        List<Transfer> transfers = new ArrayList<>();
        some(Transfer.Kind.WAIVED, name, reference, Book.COMMISSION, Book.CLEARING, commission)
                .ifPresent(transfers::add);
        some(Transfer.Kind.REVERSED, name, reference, Book.wallet(account), Book.CLEARING, covered)
                .ifPresent(transfers::add);
        some(
                        Transfer.Kind.UNCOVERED,
                        name,
                        reference,
                        Book.LOSSES,
                        Book.CLEARING,
                        due.minus(covered))
                .ifPresent(transfers::add);
        return transfers;
    }

    /// The operator makes up for what the commission account lacks of a commission that goes back,
    /// as bonuses were paid of it.
    ///
    /// @param key which part of the payment, unique for the deposit
    public static Optional<Transfer> replenish(DepositId deposit, String key, Credits lacking) {
        return some(
                Transfer.Kind.REPLENISHED,
                deposit + ":" + key,
                deposit.value(),
                Book.LOSSES,
                Book.COMMISSION,
                lacking);
    }

    /// What had gone back came again: first for the operator's loss, then as it was.
    ///
    /// @param key which part, unique for the deposit
    /// @param commission what of the amount is the operator's
    /// @param lost what the operator lost by this payment so far
    public static List<Transfer> giveBack(
            DepositId deposit,
            AccountId account,
            String key,
            Credits amount,
            Credits commission,
            Credits lost) {
        String name = deposit + ":" + key;
        String reference = deposit.value();
        Credits due = amount.minus(commission);
        Credits recovered = lost.compareTo(due) < 0 ? lost : due;
        List<Transfer> transfers = new ArrayList<>();
        some(Transfer.Kind.REGAINED, name, reference, Book.CLEARING, Book.COMMISSION, commission)
                .ifPresent(transfers::add);
        some(Transfer.Kind.RECOVERED, name, reference, Book.CLEARING, Book.LOSSES, recovered)
                .ifPresent(transfers::add);
        some(
                        Transfer.Kind.REINSTATED,
                        name,
                        reference,
                        Book.CLEARING,
                        Book.wallet(account),
                        due.minus(recovered))
                .ifPresent(transfers::add);
        return transfers;
    }

    /// The operator corrects the books.
    ///
    /// @throws IllegalArgumentException if one of the books isn't his to correct
    public static Transfer adjust(AdjustmentId id, Book from, Book to, Credits amount) {
        for (Book book : List.of(from, to)) {
            if (!book.kind().mayBeAdjusted()) {
                throw new IllegalArgumentException("adjustment: " + book.id() + " is not adjusted");
            }
        }
        return new Transfer(Transfer.Kind.ADJUST, id.value(), id.value(), from, to, amount);
    }

    private static Optional<Transfer> some(
            Transfer.Kind kind, String key, String reference, Book from, Book to, Credits amount) {
        return amount.nanos() == 0
                ? Optional.empty()
                : Optional.of(new Transfer(kind, key, reference, from, to, amount));
    }
}
