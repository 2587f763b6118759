// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Duration;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.ledger.Transfers;
import org.sparegrid.coordinator.operation.Caller;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.store.DisputeTable;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.PayoutTable;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.PayoutId;
import org.sparegrid.protocol.api.Dispute;
import org.sparegrid.protocol.api.Gift;
import org.sparegrid.protocol.api.Payout;

/// What people do with money besides buying: give, spend what they earned, have it paid out, and
/// dispute what they paid for.
final class MoneyDesk {
    /// Payouts and disputes in one list.
    private static final int LIST_MAX = 200;

    /// How long after its end a machine can be disputed.
    private static final Duration DISPUTE_WITHIN = Duration.ofDays(14);

    private static final long HUNDREDTH_NANOS = 10_000_000;

    private final Exchange exchange;

    MoneyDesk(Exchange exchange) {
        this.exchange = exchange;
    }

    /// Moves money into another wallet, or one's own earnings into one's own wallet.
    void give(Caller.Holder payer, Gift gift, String key, String requestHash) {
        AccountId account = payer.account();
        if (gift.amount().nanos() <= 0) {
            throw new RefusedException(Reason.INVALID, "amount: expected more than 0");
        }
        if (key.isEmpty()) {
            throw new RefusedException(
                    Reason.INVALID, "a gift needs an Idempotency-Key, so that it's given once");
        }
        exchange.change((tx, _, now) -> {
            if (Orders.earlier(tx, account, key, requestHash).isPresent()) {
                return false;
            }
            if (tx.accounts().find(gift.to()).isEmpty()) {
                throw RefusedException.notFound("account " + gift.to());
            }
            boolean own = gift.to().equals(account);
            Book from = own ? Book.earnings(account) : Book.wallet(account);
            require(tx, from, gift.amount(), own ? "earnings hold" : "wallet holds");
            if (!own) {
                Spending.require(tx, payer, gift.amount());
                Spending.note(tx, payer, gift.amount());
            }
            tx.ledger().post(Transfers.gift(account, gift.to(), key, gift.amount()), now);
            Orders.remember(tx, account, key, requestHash, gift.to().value(), now);
            return true;
        });
    }

    /// Asks for earnings to be paid out; they are set aside at once.
    Payout payOut(Caller.Holder payer, Payout.Request request, String key, String requestHash) {
        AccountId account = payer.account();
        Credits amount =
                new Credits(request.amount().nanos() - request.amount().nanos() % HUNDREDTH_NANOS);
        if (amount.nanos() <= 0) {
            throw new RefusedException(Reason.INVALID, "amount: expected at least 0.01");
        }
        PayoutId id =
                exchange.change((tx, _, now) ->
                        Orders.earlier(tx, account, key, requestHash)
                                .map(PayoutId::new)
                                .orElseGet(() -> {
                                    require(tx, Book.earnings(account), amount, "earnings hold");
                                    Spending.require(tx, payer, amount);
                                    Spending.note(tx, payer, amount);
                                    PayoutId made = exchange.draw(PayoutId.PREFIX, PayoutId::new);
                                    tx.payouts()
                                            .insert(
                                                    new PayoutTable.Row(
                                                            account,
                                                            new Payout(
                                                                    made,
                                                                    amount,
                                                                    request.destination(),
                                                                    Payout.State.PENDING,
                                                                    now),
                                                            ""));
                                    tx.ledger().post(Transfers.payout(made, account, amount), now);
                                    tx.audit()
                                            .add(
                                                    account.value(),
                                                    "payout-asked",
                                                    made.value(),
                                                    amount.toString(),
                                                    now);
                                    Orders.remember(
                                            tx, account, key, requestHash, made.value(), now);
                                    return made;
                                }));
        return exchange.read(tx -> tx.payouts().find(id).orElseThrow().payout());
    }

    Payout.Page payouts(AccountId account) {
        return exchange.read(tx -> new Payout.Page(tx.payouts().of(account, LIST_MAX)));
    }

    /// A buyer says that a machine was not worth its money: what its seller got for it is set
    /// aside, as far as the seller has it still.
    Dispute dispute(AccountId account, LeaseId id, Dispute.Request request) {
        return exchange.change((tx, _, now) -> {
            LeaseTable.Row lease = Orders.findLease(tx, account, id);
            if (lease.status().state().isLive() || lease.paid().nanos() == 0) {
                throw new RefusedException(
                        Reason.CONFLICT, "only a machine that was paid for and has ended");
            }
            if (now.isAfter(lease.status().since().plus(DISPUTE_WITHIN))) {
                throw new RefusedException(
                        Reason.CONFLICT,
                        "it ended more than " + DISPUTE_WITHIN.toDays() + " days ago");
            }
            AccountId owner = tx.sellers().owner(lease.seller()).orElseThrow();
            if (owner.equals(account) || tx.disputes().find(id).isPresent()) {
                throw new RefusedException(
                        Reason.CONFLICT, "it's disputed already, or your own computer's");
            }
            Credits has = tx.ledger().balance(Book.earnings(owner));
            Credits got = lease.paid().minus(tx.ledger().royalty(id, owner));
            Credits reserved = has.compareTo(got) < 0 ? has : got;
            Transfers.dispute(id, owner, reserved)
                    .ifPresent(transfer -> tx.ledger().post(transfer, now));
            Dispute made =
                    new Dispute(
                            id, request.reason(), reserved, Dispute.State.OPEN, Credits.ZERO, now);
            tx.disputes().insert(new DisputeTable.Row(account, owner, made));
            tx.audit().add(account.value(), "dispute-opened", id.value(), request.reason(), now);
            return made;
        });
    }

    Dispute.Page disputes(AccountId account) {
        return exchange.read(tx -> new Dispute.Page(tx.disputes().of(account, LIST_MAX)));
    }

    private static void require(Transaction tx, Book from, Credits amount, String holds) {
        Credits has = tx.ledger().balance(from);
        if (has.compareTo(amount) < 0) {
            throw new RefusedException(
                    Reason.FUNDS, amount + " is needed, the " + holds + " " + has);
        }
    }
}
